// The Inside screen: which sound, its road, and what is opened. Parts of it: inside_stage.js, inside_why.js.
audioclf.inside = (() => {
  const { say } = audioclf;
  const { h, spoken, picture, framed, wave, unpackAll } = audioclf.draw;

  // A link to a stage opens this screen: ?inside=stage2&sound=rain.
  if (new URLSearchParams(location.search).has("inside")) {
    audioclf.whenever("#screen-inside-button", (tab) => tab.click());
  }

  /** Plays one sound at a time; its button shows which. */
  const player = (() => {
    const audio = new Audio();
    let playing = null;
    const stop = () => {
      audio.pause();
      if (playing) playing.textContent = playing.dataset.play;
      playing = null;
    };
    audio.addEventListener("ended", stop);
    return {
      stop,
      async toggle(button, fetched) {
        if (playing === button) return stop();
        stop();
        button.dataset.play ||= button.textContent;
        button.disabled = true;
        try {
          audio.src = (await fetched()).audio;
          playing = button;
          button.textContent = button.dataset.play.replace("▶", "■");
          await audio.play();
        } catch (error) {
          stop();
          throw error;
        } finally {
          button.disabled = false;
        }
      },
    };
  })();

  const playButton = (words, fetched) =>
    h("button", { type: "button", class: "inside-play", onclick: (event) => player.toggle(event.currentTarget, fetched) }, `▶ ${words}`);

  function bars(list, { compact = false } = {}) {
    return h(
      "ul",
      { class: compact ? "inside-bars compact" : "inside-bars" },
      list.map(({ title, probability, said }) =>
        h(
          "li",
          {},
          h("span", { class: "name" }, title),
          h("span", { class: "track" }, h("span", { class: "fill", style: `width:${100 * probability}%` })),
          h("span", { class: "value" }, said),
        ),
      ),
    );
  }

  /** Values above and below zero, side by side. */
  function columns(values, words) {
    const largest = Math.max(1e-9, ...values.map(Math.abs));
    const canvas = h("canvas", { width: values.length * 4, height: 128, class: "wave", ...spoken(words) });
    const context = canvas.getContext("2d");
    const zero = values.some((value) => value < 0) ? 64 : 126;
    context.fillStyle = getComputedStyle(document.body).getPropertyValue("--accent") || "#0f6e6b";
    values.forEach((value, i) => {
      const tall = (value / largest) * (zero - 4);
      context.fillRect(4 * i, Math.min(zero, zero - tall), 3, Math.max(1, Math.abs(tall)));
    });
    return canvas;
  }

  function drawing(stop, words, compact) {
    if (stop.map) return picture(stop.map, { words });
    if (stop.wave) return wave(stop.wave, words);
    if (stop.top) return bars(compact ? stop.top.slice(0, 4) : stop.top, { compact });
    return columns(stop.strip || stop.bars, words);
  }

  function start(element, server, watch, props, opened) {
    const find = (name) => element.querySelector(`[data-is="${name}"]`);
    const asked = new URLSearchParams(location.search);
    const { words } = props;
    const state = { keys: [], roads: [], stop: null, channel: null, change: {}, sliders: {}, basics: null, own: null };
    const screen = { element, words, find, state, player, playButton, bars, ask, problem, openChannel, refreshBreak: null };
    let begun = null;
    let turn = 0;

    function problem(said) {
      find("problem").textContent = said || "";
      find("problem").hidden = !said;
    }

    async function ask(name, request = {}) {
      try {
        const answer = await server[name](request);
        if (!answer || answer.error || answer.detail) throw new Error(name);
        if (answer.gone) {
          problem(answer.gone);
          throw new Error("gone");
        }
        return await unpackAll(answer);
      } catch (error) {
        if (error.message !== "gone") problem(words.failed);
        throw error;
      }
    }

    function options(select, list, chosen) {
      select.replaceChildren(...list.map(({ key, title }) => h("option", { value: key, selected: key === chosen }, title)));
    }

    function fillSelects() {
      const sounds = state.basics.examples.map(({ key, title, emoji }) => ({ key, title: `${emoji} ${title}` }));
      if (state.own) sounds.unshift({ key: state.own.key, title: state.own.name || words.own });
      // Every moment of a visitor's recording is that recording.
      const recording = (key) => sounds.find((sound) => sound.key.split("@")[0] === key?.split("@")[0])?.key;
      options(find("sound"), sounds, recording(state.keys[0]));
      options(find("beside"), [{ key: "", title: words.nothing }, ...sounds], recording(state.keys[1]) || "");
      const { moments } = state.roads[0];
      find("moments").hidden = !moments.length;
      options(find("moment"), moments, state.keys[0]);
    }

    async function begin() {
      begun ||= ask("begin").then((basics) => {
        state.basics = basics;
        audioclf.draw.learn({ ...basics.colour_maps, diverging: basics.diverging });
        options(find("colours"), Object.keys(basics.colour_maps).map((title) => ({ key: title, title })), audioclf.draw.current());
        find("scale").style.background = audioclf.draw.gradient();
      });
      return begun;
    }

    async function show(keys) {
      const mine = ++turn;
      problem("");
      element.firstElementChild.setAttribute("aria-busy", "true");
      await begin();
      const roads = await Promise.all(keys.map((key) => ask("road", { key })));
      if (mine !== turn) return;
      player.stop();
      Object.assign(state, { keys, roads });
      if (state.own && state.own.key === keys[0]) state.own.name = roads[0].name;
      fillSelects();
      drawAnswer();
      drawRoads();
      element.firstElementChild.setAttribute("aria-busy", "false");
      await Promise.all([openStop(state.stop || asked.get("inside") || "stage2"), audioclf.insideWhy(screen)]);
    }

    function drawAnswer() {
      find("answer").replaceChildren(
        ...state.roads.flatMap((road, i) => {
          const part =
            road.duration_seconds > state.basics.seconds + 0.5
              ? `, ${say(words.part, { start: road.start_seconds.toFixed(1), end: (road.start_seconds + state.basics.seconds).toFixed(1) })}`
              : "";
          return [
            i ? h("span", { class: "quiet" }, " · ") : "",
            h("span", { class: "quiet" }, `${road.name}${part}: `),
            h("strong", {}, `${road.answer.title}, ${road.answer.said}`),
          ];
        }),
      );
    }

    function drawRoads() {
      const halves = [
        [false, words.front_end],
        [true, words.network],
      ];
      find("road").replaceChildren(
        ...halves.flatMap(([network, title]) => [
          h("h3", { class: "inside-half" }, title),
          ...state.roads.map((road) =>
            h(
              "ol",
              { class: `inside-road ${network ? "learnt" : ""}`, "aria-label": `${title}: ${road.name}` },
              road.stops.filter((stop) => stop.network === network).map((stop) => h("li", {}, stopButton(stop, road))),
            ),
          ),
        ]),
      );
    }

    function stopButton(stop, road) {
      return h(
        "button",
        {
          type: "button",
          class: "inside-stop",
          "data-stop": stop.id,
          "aria-pressed": String(state.stop === stop.id),
          onclick: () => openStop(stop.id, true),
        },
        h("span", { class: "frame" }, drawing(stop, "", true)),
        h("span", { class: "title" }, stop.title),
        h("span", { class: "shape" }, stop.shape),
        h("span", { class: "sentence" }, stop.sentence),
        h("span", { class: "inside-hidden" }, `, ${road.name}`),
      );
    }

    async function openStop(id, tapped = false) {
      if (!state.roads[0].stops.some((stop) => stop.id === id)) id = "stage2";
      if (state.stop !== id) state.channel = null;
      state.stop = id;
      for (const button of element.querySelectorAll(".inside-stop")) {
        const pressed = button.dataset.stop === id;
        button.setAttribute("aria-pressed", String(pressed));
        const road = button.closest("ol");
        if (pressed && road.scrollWidth > road.clientWidth) road.scrollLeft = button.parentElement.offsetLeft - 40;
      }
      const stops = state.roads.map((road) => road.stops.find((stop) => stop.id === id));
      if (state.basics.stages[id]) await audioclf.insideStage.open(screen, id, stops[0]);
      else openPlain(id, stops);
      if (tapped) find("stage").scrollIntoView({ block: "nearest", behavior: "smooth" });
    }

    function openPlain(id, stops) {
      find("channel").hidden = true;
      find("stage").hidden = false;
      const ticks = { spectrogram: state.basics.linear_ticks, mel_power: state.basics.mel_ticks, log_power: state.basics.mel_ticks, log_mel: state.basics.mel_ticks };
      const notes = {
        spectrogram: words.note_spectrogram,
        mel_power: words.note_mel_power,
        pooling: words.note_pooling,
        linear: words.note_linear,
      };
      find("stage").replaceChildren(
        h("h3", {}, stops[0].title, h("small", {}, ` ${stops[0].shape}`)),
        h("p", {}, `${stops[0].sentence} ${stops[0].more}`),
        ...stops.map((stop, i) =>
          h(
            "figure",
            {},
            stops.length > 1 && h("figcaption", {}, state.roads[i].name),
            stop.map || stop.wave
              ? framed(drawing(stop, say(words.picture_of, { what: stop.title, name: state.roads[i].name })), state.basics.seconds, ticks[id])
              : drawing(id === "softmax" ? { top: state.roads[i].top } : stop, say(words.picture_of, { what: stop.title, name: state.roads[i].name })),
          ),
        ),
        notes[id] ? h("p", { class: "quiet" }, notes[id]) : "",
        audioclf.insideSave(screen, id),
      );
    }

    function openChannel(channel) {
      return audioclf.insideStage.channel(screen, channel);
    }

    find("sound").addEventListener("change", (event) => show([event.target.value, ...state.keys.slice(1)]));
    find("moment").addEventListener("change", (event) => show([event.target.value, ...state.keys.slice(1)]));
    find("beside").addEventListener("change", (event) =>
      show(event.target.value ? [state.keys[0], event.target.value] : [state.keys[0]]),
    );
    find("colours").addEventListener("change", (event) => {
      audioclf.draw.switchTo(event.target.value);
      find("scale").style.background = audioclf.draw.gradient();
    });
    find("npz").addEventListener("click", (event) => audioclf.insideSave.save(screen, event.currentTarget, { kind: "npz", what: "" }));
    find("play").addEventListener("click", (event) =>
      player.toggle(event.currentTarget, () => ask("sound", { key: state.keys[0] })),
    );

    watch("value", () => {
      const { key, own } = JSON.parse(props.value);
      const first = !state.keys.length;
      const wished = first && !own && asked.get("sound") ? `example:${asked.get("sound")}` : key;
      if (own && state.own?.key !== key) {
        state.own = { key };
        show([key, ...state.keys.slice(1)]);
      } else if (first) {
        show([wished]).catch(() => show([key]));
      }
    });
    new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) opened();
      else player.stop();
    }).observe(element);
  }

  return { start, player, bars, playButton };
})();
