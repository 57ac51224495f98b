// Paints maps of one byte a cell. Knows no server and no words: window.audioclf.draw.
audioclf.draw = (() => {
  const tables = {};
  let current = "Viridis";

  const fromHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));

  /** An element: h("button", { class: "x", onclick() {} }, "text", child). */
  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child != null && child !== false));
    return element;
  }

  /** What a canvas is to those who can't see it: a picture with words, or nothing. */
  const spoken = (words) => (words ? { role: "img", "aria-label": words } : { "aria-hidden": "true" });

  /** Packed maps with their bytes, `cells`. */
  async function unpack(map) {
    if (!map.cells) {
      const bytes = Uint8Array.from(atob(map.data), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
      map.cells = new Uint8Array(await new Response(stream).arrayBuffer());
      delete map.data;
    }
    return map;
  }

  /** Unpacks every map inside an answer of the server. */
  async function unpackAll(answer) {
    if (answer && typeof answer === "object") {
      if (typeof answer.data === "string" && "rows" in answer) await unpack(answer);
      else await Promise.all(Object.values(answer).map(unpackAll));
    }
    return answer;
  }

  /** One map as pixels; `opacity(byte)` gives 0 to 255. */
  function pixels(map, index, table, opacity) {
    const { rows, columns, cells } = map;
    const image = new ImageData(columns, rows);
    const first = index * rows * columns;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const byte = cells[first + (rows - 1 - row) * columns + column];
        const at = 4 * (row * columns + column);
        image.data[at] = table[3 * byte];
        image.data[at + 1] = table[3 * byte + 1];
        image.data[at + 2] = table[3 * byte + 2];
        image.data[at + 3] = opacity ? opacity(byte) : 255;
      }
    }
    return image;
  }

  function offscreen(map, index, table, opacity) {
    const canvas = document.createElement("canvas");
    canvas.width = map.columns;
    canvas.height = map.rows;
    canvas.getContext("2d").putImageData(pixels(map, index, table, opacity), 0, 0);
    return canvas;
  }

  /** The map with its outermost cells repeated once all around, so that it fades into nothing at no edge. */
  function widened({ rows, columns, cells }) {
    const wide = { rows: rows + 2, columns: columns + 2, cells: new Uint8Array((rows + 2) * (columns + 2)) };
    for (let row = 0; row < wide.rows; row++) {
      for (let column = 0; column < wide.columns; column++) {
        const from = Math.min(rows - 1, Math.max(0, row - 1)) * columns + Math.min(columns - 1, Math.max(0, column - 1));
        wide.cells[row * wide.columns + column] = cells[from];
      }
    }
    return wide;
  }

  const paintings = new WeakMap();

  function painted(canvas, paint) {
    canvas.dataset.painted = "";
    paintings.set(canvas, paint);
    paint();
    return canvas;
  }

  /** A canvas with one map, a cell a pixel; CSS stretches it. */
  function picture(map, { index = 0, words = "", diverging = false, colours = null } = {}) {
    const canvas = h("canvas", { width: map.columns, height: map.rows, ...spoken(words) });
    return painted(canvas, () => {
      const table = tables[diverging ? "diverging" : colours || current];
      canvas.getContext("2d").putImageData(pixels(map, index, table), 0, 0);
    });
  }

  /** A stage's map, laid over the log_mel where its cells look. Redraw with `canvas.redraw({ box, hidden })`. */
  function overlay(base, map, place, { diverging = false, words = "", width = 720, height = 260 } = {}) {
    const canvas = h("canvas", { width, height, role: "img", "aria-label": words });
    const state = { box: null, hidden: [] };
    const acrossOne = width / base.columns;
    const upOne = height / base.rows;
    function paint() {
      const context = canvas.getContext("2d");
      context.globalAlpha = 1;
      context.fillStyle = "#000";
      context.fillRect(0, 0, width, height);
      context.imageSmoothingEnabled = true;
      context.globalAlpha = map ? 0.75 : 1;
      context.drawImage(offscreen(base, 0, tables[map ? "Grey" : current]), 0, 0, width, height);
      context.globalAlpha = 1;
      if (map) {
        const table = tables[diverging ? "diverging" : current];
        const opacity = diverging
          ? (byte) => Math.min(255, 2.4 * Math.abs(byte - 127.5))
          : (byte) => Math.min(255, 1.5 * byte);
        // A cell is as wide as its stride, around the log_mel cell that it looks at.
        const left = (place.frame.offset + 0.5 - 1.5 * place.frame.stride) * acrossOne;
        const bottom = (place.mel.offset + 0.5 - 1.5 * place.mel.stride) * upOne;
        const wide = (map.columns + 2) * place.frame.stride * acrossOne;
        const tall = (map.rows + 2) * place.mel.stride * upOne;
        context.drawImage(offscreen(widened(map), 0, table, opacity), left, height - bottom - tall, wide, tall);
      }
      for (const { left = 0, right = 1, low = 0, high = 1 } of state.hidden) {
        context.fillStyle = "rgba(128, 128, 128, 0.92)";
        context.fillRect(left * width, (1 - high) * height, (right - left) * width, (high - low) * height);
      }
      if (state.box) {
        const { mels, frames } = state.box;
        const corner = [frames[0] * acrossOne, height - mels[1] * upOne];
        const size = [(frames[1] - frames[0]) * acrossOne, (mels[1] - mels[0]) * upOne];
        for (const [colour, line] of [["#000", 7], ["#fff", 3]]) {
          context.strokeStyle = colour;
          context.lineWidth = line;
          context.strokeRect(corner[0] + 2, corner[1] + 2, size[0] - 4, size[1] - 4);
        }
      }
    }
    canvas.redraw = (change) => {
      Object.assign(state, change);
      paint();
    };
    return painted(canvas, paint);
  }

  /** The waveform, from its lowest and highest sample in each column. */
  function wave(columns, words = "") {
    const canvas = h("canvas", { width: columns.length, height: 128, class: "wave", ...spoken(words) });
    const loudest = Math.max(0.02, ...columns.flat().map(Math.abs));
    return painted(canvas, () => {
      const context = canvas.getContext("2d");
      context.clearRect(0, 0, canvas.width, canvas.height);
      context.fillStyle = getComputedStyle(document.body).getPropertyValue("--accent") || "#0f6e6b";
      columns.forEach(([low, high], x) => {
        const top = 64 - (60 * high) / loudest;
        context.fillRect(x, top, 1, Math.max(1, (60 * (high - low)) / loudest));
      });
    });
  }

  /** A picture with seconds below and, where given, frequencies beside it. */
  function framed(canvas, seconds, ticks = []) {
    const whole = Array.from({ length: Math.floor(seconds) + 1 }, (_, second) => second);
    return h(
      "div",
      { class: "inside-framed" },
      h(
        "div",
        { class: "inside-hz", "aria-hidden": "true" },
        ticks.map(({ text, at }) => h("span", { style: `bottom:${100 * at}%` }, text)),
      ),
      canvas,
      h(
        "div",
        { class: "inside-seconds", "aria-hidden": "true" },
        whole.map((second) => h("span", { style: `left:${(100 * second) / seconds}%` }, second === 0 ? "0 s" : `${second}`)),
      ),
    );
  }

  return {
    h,
    spoken,
    unpackAll,
    picture,
    overlay,
    wave,
    framed,
    /** Takes the colour maps as { name: hexadecimal digits }. */
    learn(maps) {
      for (const [name, hex] of Object.entries(maps)) tables[name] = fromHex(hex);
    },
    /** Paints everything anew in another colour map. */
    switchTo(name) {
      current = name;
      for (const canvas of document.querySelectorAll("canvas[data-painted]")) paintings.get(canvas)?.();
    },
    current: () => current,
    /** The current colour map as a CSS background. */
    gradient() {
      const table = tables[current];
      const stops = [];
      for (let i = 0; i < 256; i += 15) stops.push(`rgb(${table[3 * i]} ${table[3 * i + 1]} ${table[3 * i + 2]})`);
      return `linear-gradient(to right, ${stops.join(", ")})`;
    },
  };
})();
