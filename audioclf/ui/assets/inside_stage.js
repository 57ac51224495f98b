// A stage opened: its channels as a grid, the inside of its blocks; a channel opened; a cell touched.
audioclf.insideStage = (() => {
  const { say } = audioclf;
  const { h, picture, framed, overlay } = audioclf.draw;
  const FIRST = 24;
  let turn = 0;

  async function open(screen, stage, stop) {
    const { state, find, ask, words } = screen;
    const mine = ++turn;
    const answer = await ask("stage", { keys: state.keys, stage });
    if (mine !== turn) return;
    find("stage").hidden = false;
    const more = h("div", {});
    find("stage").replaceChildren(
      h("h3", {}, stop.title, h("small", {}, ` ${stop.shape}`)),
      h("p", {}, `${stop.sentence} ${stop.more}`),
      ...answer.sounds.map((sound, i) => soundGrid(screen, answer, sound, i)),
      stage === "stem"
        ? ""
        : h("button", { type: "button", class: "inside-plain", onclick: (event) => openBlocks(screen, stage, more, event.currentTarget) }, words.open_blocks),
      more,
      audioclf.insideSave(screen, stage),
    );
    const wanted = answer.order.includes(state.channel) ? state.channel : answer.order[0];
    await channel(screen, wanted);
  }

  function soundGrid(screen, answer, sound, i) {
    const { state, words } = screen;
    const grid = h("div", { class: "inside-grid", role: "group", "aria-label": say(words.channels, sound) });
    const dead = new Set(sound.dead);
    const add = (from, to) =>
      grid.append(
        ...answer.order.slice(from, to).map((number, offset) =>
          h(
            "button",
            {
              type: "button",
              class: "inside-tile",
              "data-channel": number,
              "aria-pressed": String(state.channel === number),
              onclick: () => screen.openChannel(number),
            },
            picture(sound.tiles, { index: from + offset }),
            h("span", {}, say(dead.has(number) ? words.tile_silent : words.tile, { number })),
          ),
        ),
      );
    add(0, FIRST);
    const rest = answer.order.length - FIRST;
    return h(
      "div",
      {},
      h("p", { class: "quiet" }, answer.sounds.length > 1 ? h("strong", {}, `${sound.name}. `) : "", sound.summary, ` ${words.one_scale}`),
      h(
        "details",
        { class: "inside-average" },
        h("summary", {}, words.average),
        framed(picture(sound.average, { words: say(words.average_of, sound) }), state.basics.seconds, state.basics.mel_ticks),
      ),
      grid,
      rest > 0
        ? h("button", {
            type: "button",
            class: "inside-plain",
            onclick(event) {
              event.currentTarget.remove();
              add(FIRST, answer.order.length);
            },
          }, say(words.show_rest, { rest }))
        : "",
    );
  }

  async function openBlocks(screen, stage, place, button) {
    const answers = await Promise.all(screen.state.keys.map((key) => screen.ask("blocks", { key, stage })));
    button.remove();
    place.replaceChildren(
      ...answers.flatMap((answer, i) =>
        answer.blocks.map((block) =>
          h(
            "figure",
            { class: "inside-block" },
            h("figcaption", {}, `${block.title}${answers.length > 1 ? `, ${screen.state.roads[i].name}` : ""}`),
            h(
              "div",
              { class: "parts" },
              block.parts.map((part) =>
                h("div", {}, picture(part.map, { words: part.title }), h("span", {}, part.title), h("small", {}, part.size)),
              ),
            ),
          ),
        ),
      ),
      h("p", { class: "quiet" }, screen.words.blocks_note),
    );
  }

  async function channel(screen, number) {
    const { state, find, ask, words } = screen;
    const mine = ++turn;
    const stage = state.stop;
    state.channel = number;
    for (const tile of find("stage").querySelectorAll(".inside-tile")) {
      tile.setAttribute("aria-pressed", String(Number(tile.dataset.channel) === number));
    }
    const answer = await ask("channel", { keys: state.keys, stage, channel: number });
    if (mine !== turn) return;
    const exciting = h("div", { class: "inside-exciting" }, h("button", {
      type: "button",
      class: "inside-plain",
      onclick: (event) => openExciting(screen, stage, number, exciting, event.currentTarget),
    }, words.exciting));
    audioclf.announce(`${state.basics.stages[stage].title}, ${say(words.tile, { number })}. ${answer.sounds[0].summary}`);
    const muted = (state.change.muted || []).some(([where, which]) => where === stage && which === number);
    find("channel").hidden = false;
    find("channel").replaceChildren(
      h("h3", {}, say(words.channel, { number }), h("small", {}, ` ${state.basics.stages[stage].title}`)),
      ...answer.sounds.map((sound, i) => channelOf(screen, stage, number, sound, i)),
      h("p", { class: "quiet" }, answer.kernel_words),
      answer.kernel ? h("div", { class: "inside-kernel" }, picture(answer.kernel, { words: answer.kernel_words, diverging: true })) : "",
      exciting,
      h("label", { class: "inside-switch" }, h("span", {}, words.mute), h("input", {
        type: "checkbox",
        role: "switch",
        checked: muted,
        onchange: (event) => audioclf.insideWhy.mute(screen, stage, number, event.target.checked),
      })),
      audioclf.insideSave(screen, stage, { channel: number }),
    );
  }

  function channelOf(screen, stage, number, sound, i) {
    const { state, ask, words } = screen;
    const place = state.basics.stages[stage];
    const key = state.keys[i];
    const base = state.roads[i].stops.find((stop) => stop.id === "log_mel").map;
    const canvas = overlay(base, sound.map, place, { words: say(words.fires, { number, name: sound.name }) });
    const said = h("p", { class: "inside-cell", "aria-live": "polite" }, words.tap);
    const cell = { row: sound.peak[0], column: sound.peak[1] };
    let cellTurn = 0;

    async function touch(row, column) {
      cell.row = Math.max(0, Math.min(sound.map.rows - 1, row));
      cell.column = Math.max(0, Math.min(sound.map.columns - 1, column));
      const mine = ++cellTurn;
      const seen = await ask("cell", { key, stage, row: cell.row, column: cell.column });
      if (mine !== cellTurn) return;
      canvas.redraw({ box: seen });
      said.replaceChildren(screen.playButton(words.play_box, async () => seen), ` ${seen.words}`);
    }

    canvas.tabIndex = 0;
    canvas.classList.add("inside-touch");
    canvas.addEventListener("click", (event) => {
      const bounds = canvas.getBoundingClientRect();
      const frame = ((event.clientX - bounds.left) / bounds.width) * base.columns - 0.5;
      const mel = (1 - (event.clientY - bounds.top) / bounds.height) * base.rows - 0.5;
      touch(
        Math.round((mel - place.mel.offset) / place.mel.stride),
        Math.round((frame - place.frame.offset) / place.frame.stride),
      );
    });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowUp: [1, 0], ArrowDown: [-1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Enter: [0, 0] }[event.key];
      if (!step) return;
      event.preventDefault();
      touch(cell.row + step[0], cell.column + step[1]);
    });
    return h(
      "figure",
      {},
      h("figcaption", {}, state.keys.length > 1 ? h("strong", {}, `${sound.name}. `) : "", sound.summary),
      framed(canvas, state.basics.seconds, state.basics.mel_ticks),
      said,
      sound.silent ? "" : screen.playButton(words.play_channel, () => ask("listen", { key, stage, channel: number })),
    );
  }

  async function openExciting(screen, stage, number, place, button) {
    button.disabled = true;
    button.textContent = screen.words.measuring;
    const { sounds } = await screen.ask("exciting", { stage, channel: number });
    place.replaceChildren(
      h("p", {}, sounds.length ? screen.words.excited_by : screen.words.excited_by_none),
      h(
        "ol",
        { class: "inside-bars" },
        sounds.map(({ key, title, emoji, strength }) =>
          h(
            "li",
            {},
            screen.playButton(`${emoji} ${title}`, () => screen.ask("listen", { key, stage, channel: number })),
            h("span", { class: "track" }, h("span", { class: "fill", style: `width:${100 * strength}%` })),
          ),
        ),
      ),
    );
  }

  return { open, channel };
})();
