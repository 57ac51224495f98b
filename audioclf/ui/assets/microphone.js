// A browser's microphone is made for calls: echo cancellation, noise suppression and automatic gain take rain,
// engines and vacuum cleaners for noise and turn them down. Whoever asks for sound on this page gets it as it is.
(() => {
  const devices = navigator.mediaDevices;
  if (!devices?.getUserMedia) return;
  const original = devices.getUserMedia.bind(devices);
  const untouched = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  devices.getUserMedia = (constraints = {}) => {
    if (!constraints.audio) return original(constraints);
    const asked = constraints.audio === true ? {} : constraints.audio;
    return original({ ...constraints, audio: { ...asked, ...untouched } });
  };
})();
