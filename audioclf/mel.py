"""The front-end: waveform in, log_mel out. Knows no files and no resampling; the decoder does both."""

import torch
import torchaudio.functional
from jaxtyping import Float
from torch import Tensor, nn

from .config import MelConfig


class LogMel(nn.Module):
    """Short-time Fourier transform, mel filter bank, log compression, normalisation.

        waveforms ─ STFT ─ |·|² ─ mel filter bank ─ log ─ normalise ─▶ log_mel

    Args:
        config: All its numbers.

    Source:
        torchaudio's filter bank on the HTK mel scale, unnormalised triangles.
    """

    window: Tensor
    filter_bank: Tensor

    def __init__(self, config: MelConfig):
        super().__init__()
        self.config = config
        # Rebuilt from the config, so neither is stored with the weights.
        self.register_buffer("window", torch.hann_window(config.win_length), persistent=False)
        filter_bank = torchaudio.functional.melscale_fbanks(
            config.n_fft // 2 + 1, config.f_min, config.f_max, config.n_mels, config.sample_rate
        )
        self.register_buffer("filter_bank", filter_bank, persistent=False)
        self.normalise = nn.BatchNorm1d(config.n_mels, affine=False) if config.normalisation == "band" else None

    def spectrogram(self, waveforms: Float[Tensor, "batch samples"]) -> Float[Tensor, "batch bins frames"]:
        """Power in each bin of the Fourier transform, `n_fft // 2 + 1` bins from 0 Hz to half the rate."""
        config = self.config
        stft = torch.stft(
            waveforms.float(),
            config.n_fft,
            config.hop_length,
            config.win_length,
            self.window,
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
        return stft.real.square() + stft.imag.square()

    def mel_power(self, waveforms: Float[Tensor, "batch samples"]) -> Float[Tensor, "batch mels frames"]:
        """Power in each mel band."""
        return self.filter_bank.T @ self.spectrogram(waveforms)

    def compress(self, power: Float[Tensor, "batch mels frames"]) -> Float[Tensor, "batch mels frames"]:
        """Power to its logarithm, as the config says; dB for "db", natural log otherwise."""
        if self.config.compression == "log1p":
            return power.log1p()
        if self.config.compression == "log":
            return (power + self.config.eps).log()
        loudest = power.amax(dim=(-2, -1), keepdim=True)
        # 1e-10 is far below 16-bit noise; it only keeps the log of pure silence finite.
        floor = (loudest * 10 ** (-self.config.top_db / 10)).clamp_min(1e-10)
        return 10 * torch.maximum(power, floor).log10()

    def forward(self, waveforms: Float[Tensor, "batch samples"]) -> Float[Tensor, "batch mels frames"]:
        """Compute the model's input.

        Args:
            waveforms: Samples in [-1, 1] at `config.sample_rate`.

        Returns:
            Normalised log_mels, unitless, about zero mean and unit variance; lowest band first.
        """
        # The transform and its logarithm need more digits than bfloat16 has.
        with torch.autocast(waveforms.device.type, enabled=False):
            log_mel = self.compress(self.mel_power(waveforms))
            if self.normalise is not None:
                return self.normalise(log_mel)
            mean = log_mel.mean(dim=(-2, -1), keepdim=True)
            deviation = log_mel.std(dim=(-2, -1), keepdim=True, correction=0)
            return (log_mel - mean) / deviation.clamp_min(1e-5)

    def band_hz(self) -> Float[Tensor, " mels"]:
        """Centre frequency of each mel band, Hz."""
        return self.band_edges_hz()[1:-1]

    def band_edges_hz(self) -> Float[Tensor, " edges"]:
        """Where the triangles of the filter bank begin, peak and end, Hz: band m spans m to m + 2."""
        config = self.config

        def mel(hz: float) -> float:
            return 2595.0 * torch.log10(torch.tensor(1.0 + hz / 700.0)).item()

        points = torch.linspace(mel(config.f_min), mel(config.f_max), config.n_mels + 2)
        return 700.0 * (10 ** (points / 2595.0) - 1.0)
