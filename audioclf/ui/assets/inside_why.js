// Why this answer, and what if: class maps side by side, and bars that move when something is taken away.
audioclf.insideWhy = (() => {
  const { say } = audioclf;
  const { h, framed, overlay } = audioclf.draw;

  async function insideWhy(screen) {
    const { state } = screen;
    const likely = state.roads[0].top.map(({ label }) => label);
    state.labels = [likely[0], likely[1]];
    buildBreak(screen);
    await Promise.all([openWhy(screen), refresh(screen)]);
  }

  async function openWhy(screen) {
    const { state, find, ask, words } = screen;
    const { maps, between } = await ask("why", { keys: state.keys, labels: state.labels });
    const likely = state.roads[0].top.map(({ label }) => label);
    const ordered = [...state.basics.labels].sort((a, b) => {
      const [i, j] = [likely.indexOf(a.label), likely.indexOf(b.label)];
      return (i < 0 ? 99 : i) - (j < 0 ? 99 : j);
    });
    const choose = (which) =>
      h(
        "select",
        {
          "aria-label": which ? words.second_class : words.first_class,
          onchange(event) {
            state.labels[which] = event.target.value;
            openWhy(screen).then(() => find("why").querySelectorAll("select")[which].focus());
          },
        },
        ordered.map(({ label, title }) => h("option", { value: label, selected: state.labels[which] === label }, title)),
      );
    find("why").hidden = false;
    find("why").replaceChildren(
      h("h3", {}, words.why),
      h("p", {}, words.why_lead),
      h(
        "div",
        { class: "inside-two" },
        [0, 1].map((which) =>
          h(
            "div",
            {},
            choose(which),
            ...state.roads.map((road, i) => {
              const found = maps[i * 2 + which];
              const base = road.stops.find((stop) => stop.id === "log_mel").map;
              const canvas = overlay(base, found.map, state.basics.stages.stage4, { diverging: true, words: say(words.speaks, { name: road.name, title: found.title }) });
              return h(
                "figure",
                { "data-label": found.label },
                state.roads.length > 1 && h("figcaption", {}, road.name),
                framed(canvas, state.basics.seconds, state.basics.mel_ticks),
                h("p", { class: "quiet" }, found.words),
              );
            }),
          ),
        ),
      ),
      h("h3", { class: "inside-between" }, words.between),
      ...state.roads.map((road, i) => {
        const base = road.stops.find((stop) => stop.id === "log_mel").map;
        const canvas = overlay(base, between[i].map, state.basics.stages.stage4, { diverging: true, words: between[i].words });
        return h("figure", {}, framed(canvas, state.basics.seconds, state.basics.mel_ticks),
          h("p", { class: "quiet" }, state.roads.length > 1 ? h("strong", {}, `${road.name}. `) : "", between[i].words));
      }),
      audioclf.insideSave(screen, "why", { labels: [...state.labels] }),
    );
  }

  let breakTurn = 0;

  async function refresh(screen) {
    const { state, find } = screen;
    const mine = ++breakTurn;
    const { sounds } = await screen.ask("broken", { keys: state.keys, change: state.change });
    if (mine !== breakTurn) return;
    const outcome = find("break").querySelector(".inside-outcome");
    outcome.replaceChildren(
      ...sounds.flatMap((sound) => [
        h("p", { class: "inside-changed" }, sounds.length > 1 ? h("strong", {}, `${sound.name}: `) : "", sound.words),
        h(
          "ul",
          { class: "inside-bars" },
          sound.bars.map((bar) =>
            h(
              "li",
              { "data-label": bar.label },
              h("span", { class: "name" }, bar.title),
              h(
                "span",
                { class: "track" },
                h("span", { class: "fill", style: `width:${100 * bar.after}%` }),
                h("span", { class: "was", style: `left:${100 * bar.before}%`, title: screen.words.before }),
              ),
              h("span", { class: "value" }, bar.said),
            ),
          ),
        ),
      ]),
      h("p", { class: "quiet" }, screen.words.thin_line),
    );
  }

  function buildBreak(screen) {
    const { state, find, words } = screen;
    const { basics, change } = state;
    const base = state.roads[0].stops.find((stop) => stop.id === "log_mel").map;
    const canvas = overlay(base, null, null, { height: 180, words: words.hidden_picture });
    const melAt = (hz) => 2595 * Math.log10(1 + hz / 700);
    const hzAt = (mel) => 700 * (10 ** (mel / 2595) - 1);
    const [lowMel, highMel] = [melAt(basics.f_min), melAt(basics.f_max)];
    const upAt = (hz) => (melAt(hz) - lowMel) / (highMel - lowMel);

    function redraw() {
      const { hidden_seconds: seconds, hidden_hz: hz } = change;
      canvas.redraw({
        hidden: [
          seconds && { left: seconds[0] / basics.seconds, right: seconds[1] / basics.seconds },
          hz && { low: upAt(hz[0]), high: upAt(hz[1]) },
        ].filter(Boolean),
      });
    }
    const changed = () => {
      redraw();
      refresh(screen);
    };

    /** A switch with two sliders: from and to. */
    function range(title, name, toValue, toWords) {
      const kept = (state.sliders[name] ||= [40, 60]);
      const from = h("input", { type: "range", min: 0, max: 100, value: kept[0], "aria-label": say(words.slider_from, { title }) });
      const to = h("input", { type: "range", min: 0, max: 100, value: kept[1], "aria-label": say(words.slider_to, { title }) });
      const on = h("input", { type: "checkbox", role: "switch", "data-change": name, checked: Boolean(change[name]) });
      const said = h("small", {}, change[name] ? toWords(change[name]) : "");
      const sliders = h("div", { class: "inside-sliders", hidden: !change[name] }, from, to, said);
      const apply = () => {
        state.sliders[name] = [Number(from.value), Number(to.value)];
        const ends = [Number(from.value), Number(to.value)].sort((a, b) => a - b).map((value) => toValue(value / 100));
        change[name] = on.checked ? ends : null;
        sliders.hidden = !on.checked;
        said.textContent = toWords(ends);
        changed();
      };
      const set = (a, b) => {
        on.checked = true;
        [from.value, to.value] = [Math.round(100 * Math.min(a, b)), Math.round(100 * Math.max(a, b))];
        apply();
      };
      for (const input of [from, to]) input.addEventListener("input", apply);
      on.addEventListener("change", apply);
      return { set, rows: [h("label", { class: "inside-switch" }, h("span", {}, title), on), sliders] };
    }

    const stretch = range(words.hide_time, "hidden_seconds", (share) => share * basics.seconds,
      ([a, b]) => say(words.seconds, { from: a.toFixed(1), to: b.toFixed(1) }));
    const band = range(words.hide_pitch, "hidden_hz", (share) => hzAt(lowMel + share * (highMel - lowMel)),
      ([a, b]) => say(words.hertz, { from: Math.round(a), to: Math.round(b) }));

    // Dragging along the picture hides a stretch, dragging up or down a band.
    let drag = null;
    const at = (event) => {
      const bounds = canvas.getBoundingClientRect();
      return [(event.clientX - bounds.left) / bounds.width, 1 - (event.clientY - bounds.top) / bounds.height]
        .map((share) => Math.max(0, Math.min(1, share)));
    };
    canvas.classList.add("inside-drag");
    canvas.addEventListener("pointerdown", (event) => {
      drag = at(event);
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointerup", (event) => {
      if (!drag) return;
      const [x, y] = at(event);
      const bounds = canvas.getBoundingClientRect();
      const [wide, tall] = [Math.abs(x - drag[0]) * bounds.width, Math.abs(y - drag[1]) * bounds.height];
      if (Math.max(wide, tall) > 8) wide >= tall ? stretch.set(drag[0], x) : band.set(drag[1], y);
      drag = null;
    });
    canvas.addEventListener("pointercancel", () => (drag = null));

    const noise = h("input", { type: "range", min: -31, max: 20, value: change.noise_db ?? -31, "aria-label": words.noise_slider });
    const loudness = (db) =>
      db == null ? words.noise_none : db === 0 ? words.noise_same : say(db < 0 ? words.noise_below : words.noise_above, { db: Math.abs(db) });
    const noiseWords = h("small", {}, loudness(change.noise_db));
    noise.addEventListener("input", () => {
      const value = Number(noise.value);
      change.noise_db = value < -30 ? null : value;
      noiseWords.textContent = loudness(change.noise_db);
      refresh(screen);
    });

    const stages = Object.entries(basics.stages).filter(([stage]) => stage !== "stem");
    const cuts = stages.map(([stage, { title }]) =>
      h("label", {}, h("input", {
        type: "checkbox",
        "data-cut": stage,
        checked: (change.without_shortcuts || []).includes(stage),
        onchange(event) {
          const others = (change.without_shortcuts || []).filter((name) => name !== stage);
          change.without_shortcuts = event.target.checked ? [...others, stage] : others;
          refresh(screen);
        },
      }), ` ${title}`),
    );

    find("break").hidden = false;
    find("break").replaceChildren(
      h("h3", {}, words.break_it),
      h("p", {}, words.break_lead),
      h("div", { class: "inside-outcome", "aria-live": "polite" }),
      framed(canvas, basics.seconds, basics.mel_ticks),
      ...stretch.rows,
      ...band.rows,
      h("div", { class: "inside-switch" }, h("span", {}, `${words.noise} `, noiseWords), noise),
      basics.shortcuts ? h("fieldset", { class: "inside-cuts" }, h("legend", {}, words.cut), ...cuts) : "",
      h("div", { class: "inside-muted" }),
      h("button", { type: "button", class: "inside-plain", "data-is": "reset", onclick: () => reset(screen) }, words.reset),
    );
    redraw();
    drawMuted(screen);
  }

  function drawMuted(screen) {
    const { state, find, words } = screen;
    const muted = state.change.muted || [];
    find("break").querySelector(".inside-muted").replaceChildren(
      h("span", {}, `${muted.length ? words.muted : words.muted_none} `),
      ...muted.slice(0, 12).map(([stage, number]) =>
        h("button", { type: "button", class: "inside-chip", "aria-label": say(words.unmute, { number, stage: state.basics.stages[stage].title }), onclick: () => mute(screen, stage, number, false) },
          `${state.basics.stages[stage].title} · ${number} ×`),
      ),
      muted.length > 12 ? h("span", {}, ` ${say(words.more, { count: muted.length - 12 })} `) : "",
      state.basics.stages[state.stop] || !muted.length
        ? h("button", { type: "button", class: "inside-chip", "data-is": "mute-strongest", onclick: () => muteStrongest(screen) }, words.mute_strongest)
        : "",
    );
  }

  function mute(screen, stage, number, on) {
    const { state, find } = screen;
    const others = (state.change.muted || []).filter(([where, which]) => where !== stage || which !== number);
    state.change.muted = on ? [...others, [stage, number]] : others;
    if (state.stop === stage && state.channel === number) {
      const box = find("channel").querySelector("[role=switch]");
      if (box) box.checked = on;
    }
    drawMuted(screen);
    return refresh(screen);
  }

  function muteStrongest(screen) {
    const { state, find } = screen;
    const stage = state.basics.stages[state.stop] ? state.stop : "stage4";
    const tiles = [...find("stage").querySelectorAll(".inside-tile")].slice(0, 10).map((tile) => Number(tile.dataset.channel));
    const others = (state.change.muted || []).filter(([where, which]) => where !== stage || !tiles.includes(which));
    state.change.muted = [...others, ...tiles.map((number) => [stage, number])];
    drawMuted(screen);
    return refresh(screen);
  }

  function reset(screen) {
    const { find } = screen;
    screen.state.change = {};
    const box = screen.find("channel").querySelector("[role=switch]");
    if (box) box.checked = false;
    buildBreak(screen);
    find("reset").focus();
    return refresh(screen);
  }

  return Object.assign(insideWhy, { mute });
})();
