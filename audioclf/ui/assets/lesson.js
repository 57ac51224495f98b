// The Lesson screen: guess first, then see. Also its link (?lesson=2&sound=rain) and its work sheet.
(() => {
  const { say } = audioclf;
  const { h, picture, framed, unpackAll } = audioclf.draw;

  // A link to a step opens this screen.
  if (new URLSearchParams(location.search).has("lesson")) {
    audioclf.whenever("#screen-lesson-button", (tab) => tab.click());
  }

  audioclf.lesson = (element, server, { words }) => {
    const { player, playButton } = audioclf.inside;
    const find = (name) => element.querySelector(`[data-is="${name}"]`);
    const asked = new URLSearchParams(location.search);
    const state = { step: Math.min(5, Math.max(1, Number(asked.get("lesson")) || 1)), sound: asked.get("sound"), guess: null };
    let begun = null;
    let turn = 0;

    async function ask(name, request = {}) {
      try {
        const answer = await server[name](request);
        if (!answer || answer.detail || answer.error) throw new Error(name);
        find("problem").hidden = true;
        return await unpackAll(answer);
      } catch (error) {
        find("problem").textContent = words.failed;
        find("problem").hidden = false;
        throw error;
      }
    }

    function begin() {
      begun ||= ask("begin").then((basics) => {
        state.basics = basics;
        audioclf.draw.learn({ ...basics.colour_maps, diverging: basics.diverging });
      });
      return begun;
    }

    async function show(step) {
      const mine = ++turn;
      element.firstElementChild.setAttribute("aria-busy", "true");
      await begin();
      const question = await ask("question", { step, sound: state.sound });
      if (mine !== turn) return;
      player.stop();
      Object.assign(state, { step, question, guess: null });
      find("sound").replaceChildren(
        ...state.basics.examples.map(({ key, title, emoji }) =>
          h("option", { value: key.slice(8), selected: key.slice(8) === question.sound }, `${emoji} ${title}`),
        ),
      );
      find("steps").replaceChildren(
        ...question.steps.map((title, i) =>
          h("a", { href: link(i + 1), "aria-current": i + 1 === step ? "step" : null, onclick: (event) => go(event, i + 1) },
            h("b", {}, String(i + 1)), h("span", {}, title)),
        ),
      );
      draw();
      element.firstElementChild.setAttribute("aria-busy", "false");
    }

    const link = (step) => {
      const address = new URL(location.href);
      address.searchParams.set("lesson", step);
      if (state.sound) address.searchParams.set("sound", state.sound);
      return address.href;
    };

    function go(event, step) {
      event.preventDefault();
      history.replaceState(null, "", link(step));
      show(step);
    }

    function draw() {
      const { question } = state;
      const reveal = h("button", { type: "button", class: "lesson-reveal", disabled: true, onclick: () => show_answer() }, words.reveal);
      find("card").replaceChildren(
        h("h2", {}, `${question.step}. ${question.title}`),
        h("p", {}, question.lead),
        looked(question, false),
        h("fieldset", { class: "lesson-options" },
          h("legend", {}, question.ask),
          question.options.map(({ id, text }) =>
            h("label", {}, h("input", {
              type: "radio",
              name: "guess",
              value: id,
              onchange() {
                state.guess = id;
                reveal.disabled = false;
              },
            }), h("span", {}, text)),
          ),
        ),
        question.options.length ? reveal : "",
        h("div", { class: "lesson-answer" }),
      );
    }

    /** The pictures of a step, named once the answer is out. */
    function looked(question, named) {
      const { seconds, mel_ticks: ticks } = state.basics;
      if (!question.pictures) {
        return h("div", { class: "lesson-one" },
          question.picture ? framed(picture(question.picture, { words: say(words.spectrogram_of, { name: question.sound }) }), seconds, ticks) : "",
          playButton(words.play, () => ask("sound", { key: question.key })),
          h("p", { class: "quiet" }, say(words.network_says, question)));
      }
      return h("div", { class: "lesson-three" },
        question.pictures.map((one) =>
          h("figure", { class: named && one.letter === question.right ? "right" : "" },
            h("figcaption", {}, h("b", {}, one.letter), named ? ` ${one.name}${one.letter === question.right ? " ✓" : ""}` : ""),
            framed(picture(one.map, { words: named ? one.name : say(words.picture, one) }), seconds),
            named && question.step > 1 ? framed(picture(one.log_mel, { words: say(words.spectrogram_of, one) }), seconds) : "",
            named ? playButton(one.name, () => ask("sound", { key: one.key })) : "",
            named && question.beside ? h("p", {}, say(words.network_says, one)) : "",
          )),
        );
    }

    function rows(question) {
      return h("table", { class: "lesson-rows" },
        h("thead", {}, h("tr", {}, h("th", {}, words.done), h("th", {}, words.its_answer), h("th", {}, words.how_sure), question.step === 5 ? h("th", {}, words.listen) : "")),
        h("tbody", {}, question.rows.map((row) =>
          h("tr", {},
            h("td", {}, row.title),
            h("td", { class: row.label === question.rows[0].label ? "" : "other" }, row.label === question.rows[0].label ? row.answer : `${row.answer} ✕`),
            h("td", {}, h("span", { class: "track" }, h("span", { class: "fill", style: `width:${100 * row.probability}%` })), ` ${row.said}`),
            question.step === 5
              ? h("td", {}, playButton("", () => ("noise_db" in row ? ask("noisy", { key: question.key, noise_db: row.noise_db }) : ask("sound", { key: question.key }))))
              : "",
          )),
        ));
    }

    function kernels(question) {
      return h("div", { class: "lesson-kernels" },
        question.kernels.map(({ channel, kernel, map }) =>
          h("div", {}, h("span", { class: "kernel" }, picture(kernel, { diverging: true, words: say(words.pattern, { channel }) })), h("span", { class: "map" }, picture(map, { words: say(words.pattern_fits, { channel }) })))),
        h("p", { class: "quiet" }, words.patterns));
    }

    function show_answer() {
      const { question } = state;
      const right = question.options.find(({ id }) => id === question.right).text;
      const guess = question.options.find(({ id }) => id === state.guess).text;
      for (const input of find("card").querySelectorAll("input")) input.disabled = true;
      find("card").querySelector(".lesson-reveal").hidden = true;
      if (question.pictures) find("card").querySelector(".lesson-three").replaceWith(looked(question, true));
      find("card").querySelector(".lesson-answer").replaceChildren(
        h("p", { class: "lesson-verdict" }, say(state.guess === question.right ? words.right : words.wrong, { guess, right })),
        question.rows ? rows(question) : "",
        h("p", {}, question.after),
        question.kernels ? kernels(question) : "",
        question.step < 5
          ? h("a", { class: "lesson-next", href: link(question.step + 1), onclick: (event) => go(event, question.step + 1) }, say(words.next, { title: question.steps[question.step] }))
          : "",
      );
      find("card").querySelector(".lesson-verdict").scrollIntoView({ block: "nearest", behavior: "smooth" });
    }

    async function sheet() {
      await begin();
      const questions = [];
      for (let step = 1; step <= 5; step++) questions.push(await ask("question", { step, sound: state.sound }));
      audioclf.lessonSheet(questions, words);
    }

    find("sound").addEventListener("change", (event) => {
      state.sound = event.target.value;
      history.replaceState(null, "", link(state.step));
      show(state.step);
    });
    find("link").addEventListener("click", async () => {
      state.sound ||= state.question.sound;
      try {
        await navigator.clipboard.writeText(link(state.step));
        find("said").textContent = words.copied;
      } catch {
        find("said").textContent = link(state.step);
      }
    });
    find("large").addEventListener("click", () =>
      document.fullscreenElement ? document.exitFullscreen() : element.requestFullscreen(),
    );
    find("print").addEventListener("click", sheet);

    let seen = false;
    new IntersectionObserver((entries) => {
      const visible = entries.some((entry) => entry.isIntersecting);
      if (visible && !seen) show(state.step);
      if (!visible) player.stop();
      seen ||= visible;
    }).observe(element);
  };
})();
