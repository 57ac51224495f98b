// The Live screen in the browser: microphone, spectrogram, one request a second, what was heard, replay.
// It keeps a listening's samples here; the server answers about the last few seconds of them.
window.audioclf.live = (element, server, props) => {
  const { words } = props;
  const part = (name) => element.querySelector(`[data-live="${name}"]`);
  const root = element.querySelector(".live");
  const button = part("button");
  const picture = window.audioclf.rollingSpectrogram(part("canvas"), part("hz"), props);
  let listening = null;
  let replay = null;

  const { say } = window.audioclf;
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  const made = (tag, className, text = "") => {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
  };
  const show = (state, status, trouble = "") => {
    root.dataset.state = state;
    part("button-word").textContent = state === "idle" ? words.start : words.stop;
    part("status").textContent = status;
    part("trouble").textContent = trouble;
    if (state !== "listening") part("left").textContent = part("level").style.width = "";
  };

  // ---- starting and stopping

  const refused = (trouble) => show("idle", words.idle, trouble);
  const reason = (error) =>
    ({ NotAllowedError: words.denied, SecurityError: words.denied, NotFoundError: words.missing })[error.name] ??
    words.busy;

  async function start() {
    if (!window.isSecureContext) return refused(words.insecure);
    if (!navigator.mediaDevices?.getUserMedia || !window.AudioWorkletNode) return refused(words.unsupported);
    silence();
    show("asking", words.asking);
    const mine = (listening = { visitor: secret(), heard: [], sent: 0, late: 0, misses: 0, answering: false });
    try {
      mine.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false },
      });
      if (listening !== mine) return close(mine);
      mine.context = new AudioContext();
      await mine.context.audioWorklet.addModule(worklet());
      await mine.context.resume();
      if (listening !== mine) return close(mine);
    } catch (error) {
      close(mine);
      if (listening !== mine) return;
      listening = null;
      return refused(reason(error));
    }
    const rate = (mine.rate = mine.context.sampleRate);
    const hop = Math.round(rate * picture.hopSeconds);
    mine.samples = new Int16Array(Math.ceil(props.listen_seconds * rate) + hop);
    mine.end = 0;
    picture.clear(rate);
    draw(null);
    part("list").replaceChildren();
    part("none").hidden = false;
    // Explicit, or a stereo microphone would arrive as two channels of which one is lost.
    mine.node = new AudioWorkletNode(mine.context, "capture", {
      channelCount: 1,
      channelCountMode: "explicit",
      numberOfOutputs: 0,
      processorOptions: { hop },
    });
    mine.node.port.onmessage = ({ data }) => listening === mine && take(mine, data);
    mine.stream.getAudioTracks()[0].onended = () => listening === mine && stop(words.unplugged);
    mine.context.createMediaStreamSource(mine.stream).connect(mine.node);
    show("listening", words.listening);
  }

  function stop(reason) {
    const mine = listening;
    if (!mine) return;
    listening = null;
    close(mine);
    server.forget({ visitor: mine.visitor }).catch(() => {});
    if (!mine.told) draw(null);
    show("idle", reason ?? say(words.done, { seconds: Math.round((mine.end ?? 0) / (mine.rate ?? 1)) }));
  }

  function close({ stream, context }) {
    for (const track of stream?.getTracks() ?? []) track.stop();
    context?.close();
  }

  const secret = () => Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("-");

  // Its own thread, so that a busy page loses no sample; it only cuts the stream into hops.
  const worklet = () =>
    URL.createObjectURL(
      new Blob(
        [
          `registerProcessor("capture", class extends AudioWorkletProcessor {
            constructor({ processorOptions }) {
              super();
              this.hop = new Float32Array(processorOptions.hop);
              this.filled = 0;
            }
            process([[samples]]) {
              for (let from = 0; samples && from < samples.length; ) {
                const room = Math.min(this.hop.length - this.filled, samples.length - from);
                this.hop.set(samples.subarray(from, from + room), this.filled);
                from += room;
                this.filled += room;
                if (this.filled === this.hop.length) {
                  this.port.postMessage(this.hop);
                  this.filled = 0;
                }
              }
              return true;
            }
          });`,
        ],
        { type: "text/javascript" },
      ),
    );

  // ---- every hop, and every second

  function take(mine, hop) {
    const before = Math.floor(mine.end / mine.rate);
    for (const sample of hop) mine.samples[mine.end++] = 32767 * Math.max(-1, Math.min(1, sample));
    picture.add(hop);
    const seconds = Math.floor(mine.end / mine.rate);
    if (seconds === before) return;
    const left = props.listen_seconds - seconds;
    part("left").textContent = say(words.left, { seconds: left });
    root.style.setProperty("--live-left", left / props.listen_seconds);
    level(mine);
    if (left <= 0) return stop();
    ask(mine);
  }

  function level({ samples, end, rate }) {
    let energy = 0;
    for (let at = end - Math.round(rate / 4); at < end; at++) energy += samples[at] ** 2;
    const db = 10 * Math.log10((4 * energy) / rate / 32768 ** 2 + 1e-12);
    part("level").style.width = `${Math.max(0, Math.min(100, (100 * (db + 70)) / 70))}%`;
  }

  // One request under way at most. What came in meanwhile goes along with the next; what is older than a clip is
  // never sent. So a slow server answers less often, and never about a sound of long ago.
  async function ask(mine) {
    if (mine.answering) {
      mine.late += 1;
      if (mine.late === 3) part("status").textContent = words.slow;
      return;
    }
    mine.answering = true;
    const end = mine.end;
    const first = Math.max(mine.sent, end - Math.round(props.clip_seconds * mine.rate));
    mine.sent = end;
    try {
      const answer = await server.hear({
        visitor: mine.visitor,
        sample_rate: mine.rate,
        start: first,
        samples: base64(mine.samples.subarray(first, end)),
      });
      if (listening !== mine) return;
      if (mine.late >= 3) part("status").textContent = words.listening;
      mine.late = mine.misses = 0;
      draw(answer);
      if (answer.heard) note(mine, answer.top[0], end);
    } catch {
      mine.misses += 1;
      if (listening === mine && mine.misses >= 5) stop(words.lost);
    } finally {
      mine.answering = false;
    }
  }

  function base64(samples) {
    // Typed arrays are little-endian wherever a browser runs; the wire is too.
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
    let text = "";
    for (let from = 0; from < bytes.length; from += 0x8000) {
      text += String.fromCharCode(...bytes.subarray(from, from + 0x8000));
    }
    return btoa(text);
  }

  // ---- the answer, and the list

  function draw(answer) {
    if (listening && answer) listening.told = true;
    part("answer").textContent = answer?.error ?? answer?.sentence ?? (listening ? words.waiting : words.nothing);
    part("top").replaceChildren(
      ...(answer?.top ?? []).map(({ title, probability, percent }) => {
        const row = document.createElement("tr");
        const name = made("th", "", title);
        name.scope = "row";
        const bar = made("td", "bar");
        bar.setAttribute("aria-hidden", "true");
        bar.append(made("span", ""));
        bar.firstChild.style.width = `${Math.max(0.5, 100 * probability)}%`;
        row.append(name, bar, made("td", "number", percent));
        return row;
      }),
    );
  }

  function note(mine, { label, title, probability, percent }, end) {
    const clip = Math.round(props.clip_seconds * mine.rate);
    // Windows overlap: the same sound within one of them is the same hit.
    const known = mine.heard.find((hit) => hit.label === label && end - hit.end <= clip);
    const hit = known ?? { label, title, probability: 0, start: Math.max(0, end - clip), samples: mine.samples, rate: mine.rate };
    hit.end = end;
    if (probability > hit.probability) Object.assign(hit, { probability, percent, best: [Math.max(0, end - clip), end] });
    if (!known) {
      mine.heard.push(hit);
      hit.row = row(hit);
      part("list").prepend(hit.row);
      part("none").hidden = true;
      window.audioclf.announce(say(words.announce, { title, percent }));
    }
    const span = { from: clock(hit.start / mine.rate), to: clock(hit.end / mine.rate) };
    hit.row.querySelector(".live-at").textContent = say(words.at, span);
    hit.row.querySelector(".number").textContent = hit.percent;
  }

  function row(hit) {
    const item = made("li", "live-hit");
    const play = made("button", "live-replay");
    play.type = "button";
    play.append(made("i", "live-play"));
    play.setAttribute("aria-label", say(words.replay, { title: hit.title, from: clock(hit.start / hit.rate) }));
    play.onclick = () => (replay?.hit === hit ? silence() : sound(hit, play));
    item.append(play, made("span", "live-title", hit.title), made("span", "live-at"), made("span", "number"));
    return item;
  }

  // ---- replay

  function sound(hit, play) {
    stop(words.replaying);
    silence();
    const [from, to] = hit.best;
    const context = new AudioContext();
    const buffer = context.createBuffer(1, to - from, hit.rate);
    buffer.copyToChannel(Float32Array.from(hit.samples.subarray(from, to), (sample) => sample / 32768), 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    const label = play.getAttribute("aria-label");
    const mine = (replay = { hit, context, label, play });
    source.onended = () => replay === mine && silence();
    play.setAttribute("aria-label", say(words.replay_stop, { title: hit.title }));
    play.dataset.playing = "";
    source.start();
  }

  function silence() {
    if (!replay) return;
    replay.context.close();
    replay.play.setAttribute("aria-label", replay.label);
    delete replay.play.dataset.playing;
    replay = null;
  }

  // ---- leaving

  button.addEventListener("click", () => (listening ? stop() : start()));
  const leave = () => {
    stop(words.left_page);
    silence();
  };
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  window.addEventListener("pagehide", leave);
  // Another tab hides this one, and so takes its size away.
  new ResizeObserver(() => root.clientHeight || leave()).observe(root);
};
