// The one big button: records exact samples for as long as the network listens, stops by itself, and hands the
// file to the upload button, which answers it as any other. And what is dropped on the page goes the same way.
(() => {
  const LARGEST_MB = 20;
  const LEAST_SECONDS = 0.5;
  const FLOOR_DB = -60;

  // Runs beside the page, sees every sample once, and mixes channels by their plain mean, as the server does.
  const TAPE = `registerProcessor("tape", class extends AudioWorkletProcessor {
    process([channels]) {
      if (!channels.length) return true;
      const mono = new Float32Array(channels[0].length);
      for (const channel of channels) for (let i = 0; i < mono.length; i++) mono[i] += channel[i] / channels.length;
      this.port.postMessage(mono, [mono.buffer]);
      return true;
    }
  });`;

  const { say } = audioclf;

  function wav(blocks, rate) {
    const count = blocks.reduce((sum, block) => sum + block.length, 0);
    const view = new DataView(new ArrayBuffer(44 + 2 * count));
    const text = (at, word) => [...word].forEach((letter, i) => view.setUint8(at + i, letter.charCodeAt(0)));
    text(0, "RIFF"), view.setUint32(4, 36 + 2 * count, true), text(8, "WAVEfmt ");
    view.setUint32(16, 16, true), view.setUint16(20, 1, true), view.setUint16(22, 1, true);
    view.setUint32(24, rate, true), view.setUint32(28, 2 * rate, true);
    view.setUint16(32, 2, true), view.setUint16(34, 16, true), text(36, "data"), view.setUint32(40, 2 * count, true);
    let at = 44;
    for (const block of blocks)
      for (const sample of block) {
        view.setInt16(at, Math.max(-32768, Math.min(32767, Math.round(sample * 32768))), true);
        at += 2;
      }
    return new File([view], `microphone-${Date.now()}.wav`, { type: "audio/wav" });
  }

  const input = () => document.querySelector("#give input[type=file]");

  function hand(files) {
    const parcel = new DataTransfer();
    for (const file of files) parcel.items.add(file);
    input().files = parcel.files;
    input().dispatchEvent(new Event("change", { bubbles: true }));
  }

  function complaint(error) {
    if (!window.isSecureContext) return "insecure";
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return "unsupported";
    return { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing" }[error?.name] ?? "busy";
  }

  audioclf.whenever("#recorder", (recorder) => {
    const words = JSON.parse(recorder.dataset.words);
    const seconds = Number(recorder.dataset.seconds);
    const button = recorder.querySelector(".record");
    const label = recorder.querySelector(".label");
    const hint = recorder.querySelector(".hint");
    const level = recorder.querySelector(".level span");
    const trouble = recorder.querySelector(".trouble");
    const resting = [label.textContent, hint.textContent];
    let stop = null;
    let busy = false;

    const show = (state, text, below) => {
      recorder.dataset.state = state;
      [label.textContent, hint.textContent] = [text, below];
    };
    const rest = () => {
      recorder.style.removeProperty("--done");
      level.style.width = "0";
      show("", ...resting);
      busy = false;
    };

    async function record() {
      trouble.textContent = "";
      busy = true;
      let stream, context;
      try {
        if (complaint() !== "busy") throw new Error(complaint());
        show("asking", words.asking, resting[1]);
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
        context = new AudioContext();
        await context.resume();
        const module = URL.createObjectURL(new Blob([TAPE], { type: "text/javascript" }));
        await context.audioWorklet.addModule(module);
        URL.revokeObjectURL(module);
      } catch (error) {
        stream?.getTracks().forEach((track) => track.stop());
        context?.close();
        rest();
        trouble.textContent = words[complaint(error)];
        return;
      }
      const tape = new AudioWorkletNode(context, "tape", { numberOfOutputs: 0 });
      const wanted = Math.round(seconds * context.sampleRate);
      const blocks = [];
      let count = 0;
      let loudness = FLOOR_DB;
      audioclf.announce(words.started);
      await new Promise((done) => {
        stop = done;
        // A microphone that is unplugged ends the recording, too.
        stream.getAudioTracks()[0].addEventListener("ended", done);
        tape.port.onmessage = ({ data }) => {
          if (count >= wanted) return;
          blocks.push(count + data.length > wanted ? data.slice(0, wanted - count) : data);
          count = Math.min(count + data.length, wanted);
          const power = data.reduce((sum, sample) => sum + sample * sample, 0) / data.length;
          // Falls slowly, so that a clap can be seen.
          loudness = Math.max(10 * Math.log10(power + 1e-9), loudness - 0.15);
          level.style.width = `${100 * Math.min(1, Math.max(0, 1 - loudness / FLOOR_DB))}%`;
          recorder.style.setProperty("--done", count / wanted);
          const left = Math.ceil(seconds - count / context.sampleRate);
          if (recorder.dataset.state !== "recording" || label.dataset.left !== String(left)) {
            label.dataset.left = left;
            show("recording", say(words.left, { seconds: left }), words.hint);
            button.setAttribute("aria-label", words.recording);
          }
          if (count >= wanted) done();
        };
        context.createMediaStreamSource(stream).connect(tape);
      });
      stop = null;
      button.removeAttribute("aria-label");
      stream.getTracks().forEach((track) => track.stop());
      const rate = context.sampleRate;
      await context.close();
      if (count < LEAST_SECONDS * rate) {
        rest();
        trouble.textContent = words.short;
        return;
      }
      show("sending", words.sending, resting[1]);
      hand([wav(blocks, rate)]);
    }

    button.addEventListener("click", () => {
      if (stop) stop();
      else if (!busy) record();
    });

    // An answer, or a complaint of Gradio's own, ends the waiting.
    const listening = (is) => document.querySelector("#result")?.classList.toggle("listening", is);
    const arrived = () => {
      listening(false);
      if (!stop && recorder.dataset.state !== "asking") rest();
    };
    audioclf.whenever("#answer .answer, #answer .progress", arrived);
    audioclf.whenever(".toast-body", arrived);

    document.addEventListener(
      "change",
      (event) => {
        if (event.target !== input()) return;
        trouble.textContent = "";
        const large = [...event.target.files].find((file) => file.size > LARGEST_MB * 1024 * 1024);
        if (!large) return listening(true);
        event.stopImmediatePropagation();
        event.target.value = "";
        const size = (large.size / 1024 / 1024).toFixed(0);
        trouble.textContent = say(words.large, { name: large.name, size });
      },
      true,
    );

    const seen = () => document.querySelector("#listen")?.offsetParent;
    const zone = (is) => document.querySelector("#give")?.classList.toggle("dropping", is);
    window.addEventListener("dragover", (event) => {
      if (!seen() || !event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      zone(true);
    });
    window.addEventListener("dragleave", (event) => event.relatedTarget || zone(false));
    window.addEventListener("drop", (event) => {
      zone(false);
      if (!seen() || !event.dataTransfer.files.length) return;
      event.preventDefault();
      hand(event.dataTransfer.files);
    });
  });
})();
