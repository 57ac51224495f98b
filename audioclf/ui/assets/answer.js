// What an answer can do: play with a cursor, sort its table, copy its link, be read aloud, be named in the address.
(() => {
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  audioclf.whenever(".answer", (answer) => {
    if (answer.dataset.announce) audioclf.announce(answer.dataset.announce);
    const address = new URL(location.href);
    if (answer.dataset.sound) address.searchParams.set("sound", answer.dataset.sound);
    else address.searchParams.delete("sound");
    if (address.href !== location.href) history.replaceState(history.state, "", address);
    // On a phone the answer lies below what was pressed.
    const { top } = answer.getBoundingClientRect();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (top > 0.6 * innerHeight)
      document.querySelector("#result").scrollIntoView({ behavior: calm ? "auto" : "smooth", block: "start" });
  });

  audioclf.whenever(".player", (player) => {
    const sound = player.querySelector("audio");
    const slider = player.querySelector("input[type=range]");
    const button = player.querySelector(".play");
    const now = player.querySelector(".now");
    const plot = player.querySelector(".plot");
    const stretches = [...player.querySelectorAll("[data-start]")];
    const length = Number(player.dataset.seconds);
    let until = Infinity;

    const draw = (at) => {
      player.style.setProperty("--at", at / length);
      slider.value = at;
      slider.setAttribute("aria-valuetext", clock(at));
      now.textContent = clock(at);
      for (const part of stretches)
        part.classList.toggle("current", at >= Number(part.dataset.start) && at < Number(part.dataset.end) && at > 0);
    };
    const follow = () => {
      if (!player.isConnected) return sound.pause();
      if (sound.currentTime >= until) sound.pause();
      draw(sound.currentTime);
      if (!sound.paused) requestAnimationFrame(follow);
    };
    const seek = (at, end = Infinity) => {
      until = end;
      // Set before the sound is loaded, a position is where playing begins.
      sound.currentTime = at;
      draw(at);
    };
    button.addEventListener("click", () => {
      if (!sound.paused) return sound.pause();
      if (sound.currentTime >= Math.min(until, length) - 0.05) seek(0);
      until = Infinity;
      sound.play();
    });
    sound.addEventListener("play", () => {
      for (const other of document.querySelectorAll("audio")) if (other !== sound) other.pause();
      button.classList.add("playing");
      button.setAttribute("aria-label", player.dataset.pause);
      follow();
    });
    for (const event of ["pause", "ended"])
      sound.addEventListener(event, () => {
        button.classList.remove("playing");
        button.setAttribute("aria-label", player.dataset.play);
      });
    slider.addEventListener("input", () => seek(Number(slider.value)));
    plot.addEventListener("click", (event) => {
      const box = plot.getBoundingClientRect();
      seek(((event.clientX - box.left) / box.width) * length);
    });
    for (const part of stretches)
      part.addEventListener("click", () => {
        seek(Number(part.dataset.start), Number(part.dataset.end));
        sound.play();
      });
  });

  audioclf.whenever(".heard", (heard) =>
    new ResizeObserver(() => {
      for (const span of heard.querySelectorAll(".span")) {
        const word = span.firstElementChild;
        span.classList.toggle("narrow", word.scrollWidth > word.clientWidth && word.clientWidth < 60);
      }
    }).observe(heard),
  );

  audioclf.whenever("table.sortable", (table) => {
    const body = table.tBodies[0];
    [...table.tHead.rows[0].cells].forEach((heading, column) =>
      heading.querySelector("button").addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.setAttribute("aria-sort", "none");
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => row.cells[column]?.dataset.value ?? "-1";
        const rows = [...body.rows].sort((a, b) => {
          const [left, right] = [key(a), key(b)];
          const numbers = left !== "" && right !== "" && !isNaN(left) && !isNaN(right);
          return numbers ? left - right : left.localeCompare(right);
        });
        body.append(...(down ? rows.reverse() : rows));
      }),
    );
  });

  // Who opened a row by the keyboard goes on from the way back, not from the page's beginning.
  audioclf.whenever(".back", (button) => {
    if (document.activeElement === document.body) button.focus({ preventScroll: true });
  });

  audioclf.whenever(".copy-link", (button) =>
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(location.href);
        button.textContent = button.dataset.copied;
        audioclf.announce(button.dataset.copied);
      } catch {
        // Without a secure page there is no clipboard: show the link, selected, to be copied by hand.
        prompt(button.textContent, location.href);
      }
    }),
  );
})();
