// A spectrogram that rolls: samples in, the last ten seconds on a canvas, mel-spaced. Knows no microphone.
window.audioclf.rollingSpectrogram = (canvas, axis, { f_min, f_max, colours }) => {
  const hopSeconds = 0.02;
  const shownSeconds = 10;
  const columns = Math.round(shownSeconds / hopSeconds);
  const rows = 96;
  const rangeDb = 70; // from the loudest cell in sight down to the darkest colour
  const loudestFloorDb = -45; // silence is not blown up into noise
  const mel = (hz) => 2595 * Math.log10(1 + hz / 700);
  const toHz = (mels) => 700 * (10 ** (mels / 2595) - 1);
  const palette = colours.match(/../g).map((digits) => parseInt(digits, 16)); // red, green, blue, 256 times

  const context = canvas.getContext("2d");
  const image = context.createImageData((canvas.width = columns), (canvas.height = rows));
  let decibels, column, window_, bins, samples, waiting;

  for (const hz of [100, 400, 1000, 2000, 4000, 8000].filter((hz) => hz <= f_max)) {
    const tick = document.createElement("span");
    tick.textContent = hz < 1000 ? `${hz} Hz` : `${hz / 1000} kHz`;
    tick.style.bottom = `${(100 * (mel(hz) - mel(f_min))) / (mel(f_max) - mel(f_min))}%`;
    axis.append(tick);
  }

  function clear(rate) {
    const size = 2 ** Math.ceil(Math.log2(rate * 0.04));
    window_ = Float32Array.from({ length: size }, (_, at) => (2 - 2 * Math.cos((2 * Math.PI * at) / size)) / size);
    samples = new Float32Array(size);
    const binHz = rate / size;
    const edges = Array.from({ length: rows + 2 }, (_, row) =>
      toHz(mel(f_min) + ((mel(f_max) - mel(f_min)) * row) / (rows + 1)),
    );
    // At low pitches a row is narrower than a bin of the transform: it takes the nearest.
    bins = Array.from({ length: rows }, (_, row) => {
      const first = Math.round(edges[row] / binHz);
      return [first, Math.min(Math.max(first + 1, Math.round(edges[row + 2] / binHz)), size / 2)];
    });
    decibels = new Float32Array(columns * rows).fill(-200);
    column = 0;
    paint();
  }

  function add(hop) {
    samples.copyWithin(0, hop.length);
    samples.set(hop, samples.length - hop.length);
    const real = samples.map((sample, at) => sample * window_[at]);
    const imaginary = new Float32Array(real.length);
    transform(real, imaginary);
    bins.forEach(([first, end], row) => {
      let power = 0;
      for (let bin = first; bin < end; bin++) power += real[bin] ** 2 + imaginary[bin] ** 2;
      decibels[column * rows + row] = 10 * Math.log10(power / (end - first) + 1e-20);
    });
    column = (column + 1) % columns;
    waiting ??= requestAnimationFrame(paint);
  }

  function paint() {
    waiting = undefined;
    let loudest = loudestFloorDb;
    for (const value of decibels) if (value > loudest) loudest = value;
    for (let x = 0; x < columns; x++) {
      const from = ((column + x) % columns) * rows;
      for (let row = 0; row < rows; row++) {
        const share = 1 + (decibels[from + row] - loudest) / rangeDb;
        const colour = 3 * Math.max(0, Math.round(255 * share));
        const at = 4 * ((rows - 1 - row) * columns + x);
        image.data[at] = palette[colour];
        image.data[at + 1] = palette[colour + 1];
        image.data[at + 2] = palette[colour + 2];
        image.data[at + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
  }

  // Radix-2 fast Fourier transform, in place.
  function transform(real, imaginary) {
    const size = real.length;
    for (let at = 1, reversed = 0; at < size; at++) {
      let bit = size >> 1;
      for (; reversed & bit; bit >>= 1) reversed ^= bit;
      reversed ^= bit;
      if (at < reversed) [real[at], real[reversed]] = [real[reversed], real[at]];
    }
    for (let length = 2; length <= size; length *= 2) {
      const half = length / 2;
      const stepReal = Math.cos(Math.PI / half);
      const stepImaginary = -Math.sin(Math.PI / half);
      for (let start = 0; start < size; start += length) {
        let turnReal = 1;
        let turnImaginary = 0;
        for (let at = start; at < start + half; at++) {
          const otherReal = real[at + half] * turnReal - imaginary[at + half] * turnImaginary;
          const otherImaginary = real[at + half] * turnImaginary + imaginary[at + half] * turnReal;
          real[at + half] = real[at] - otherReal;
          imaginary[at + half] = imaginary[at] - otherImaginary;
          real[at] += otherReal;
          imaginary[at] += otherImaginary;
          [turnReal, turnImaginary] = [
            turnReal * stepReal - turnImaginary * stepImaginary,
            turnReal * stepImaginary + turnImaginary * stepReal,
          ];
        }
      }
    }
  }

  clear(48000);
  return { hopSeconds, clear, add };
};
