"""Train, measure and export networks.

python train.py download                                         how to get ESC-50
python train.py fit --recipe small --data data/ESC-50            train on four folds, measure on the fifth
python train.py evaluate --weights weights/esc50 --data data/ESC-50 --fold 4
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from audioclf.errors import CheckpointError

DOWNLOAD = """\
ESC-50 (Piczak, 2015; CC BY-NC 3.0, about 600 MB) comes from its author's page:

    https://github.com/karolpiczak/ESC-50

Unpack the archive so that these two exist, then name the folder with --data:

    data/ESC-50/meta/esc50.csv
    data/ESC-50/audio/1-100032-A-0.wav   (and 1,999 more)

Your own sounds need no table: one folder for each label, with recordings in it.
"""


def commit() -> str:
    """The commit that is checked out, with "+changes" where files differ from it; "unknown" without git."""
    try:
        run = ["git", "describe", "--always", "--abbrev=12", "--dirty=+changes", "--exclude=*"]
        return subprocess.run(run, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def download(_: argparse.Namespace) -> None:
    print(DOWNLOAD)


def fit(arguments: argparse.Namespace) -> None:
    import dataclasses

    import torch

    from audioclf import checkpoint, dataset, training
    from audioclf.recipes import RECIPES

    recipe = RECIPES[arguments.recipe]
    if arguments.epochs:
        recipe = recipe.with_train(epochs=arguments.epochs)
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    test_fold = arguments.test_fold
    train_folds = arguments.folds or [fold for fold in dataset.FOLDS if fold != test_fold]
    if test_fold in train_folds:
        raise dataset.DatasetError(f"Fold {test_fold} can't be both trained on and tested on.")
    data = dataset.load(arguments.data, recipe.mel, folds=[*train_folds, test_fold])
    recipe = dataclasses.replace(recipe, model=dataclasses.replace(recipe.model, n_classes=len(data.labels)))
    folder = arguments.runs / f"{recipe.name}-fold{test_fold}-seed{arguments.seed}"
    trainer = training.Trainer(
        recipe,
        data.in_folds(train_folds),
        data.in_folds([test_fold]),
        folder=folder,
        seed=arguments.seed,
        device=torch.device(arguments.device) if arguments.device else None,
    )
    if trainer.run.epochs:
        print(f"Going on after epoch {trainer.run.epochs} of {recipe.train.epochs}, from {folder}.")
    run = trainer.fit(tensorboard=True)
    provenance = {
        "recipe": recipe.name,
        "train_folds": train_folds,
        "test_fold": test_fold,
        "seed": arguments.seed,
        "epochs": run.epochs,
        "kept_epoch": recipe.train.keep,
        "device": trainer.device.type,
        "seconds": round(run.seconds),
        "commit": commit(),
        "augment": recipe.augment.to_dict(),
        "train": recipe.train.to_dict(),
    }
    out = arguments.out or folder / "weights"
    checkpoint.save(
        checkpoint.Checkpoint(
            model=run.model.float().cpu(),
            mel=recipe.mel,
            network=recipe.model,
            labels=data.labels,
            provenance=provenance,
        ),
        out,
    )
    print(f"Fold {test_fold}, last epoch: {_percent(run.last)}. Highest of all epochs: {_percent(run.best)}.")
    print(f"Weights written to {out}; measure them with")
    print(f"  python train.py evaluate --weights {out} --data {arguments.data} --fold {test_fold}")


def _percent(figures: dict[str, float]) -> str:
    return f"{figures['accuracy']:.2%} (epoch {figures['epoch']})"


def evaluate(arguments: argparse.Namespace) -> None:
    import torch

    from audioclf import checkpoint, dataset, metrics, training

    loaded = checkpoint.load(arguments.weights)
    if arguments.fold in loaded.provenance.get("train_folds", []) and not arguments.even_if_trained_on:
        raise dataset.DatasetError(
            f"These weights were trained on fold {arguments.fold}: measuring there says nothing. "
            "Add --even-if-trained-on if you mean it."
        )
    data = dataset.load(arguments.data, loaded.mel, folds=[arguments.fold])
    if data.labels != loaded.labels:
        raise dataset.DatasetError("The weights and the data set have different labels.")
    device = torch.device(arguments.device) if arguments.device else training.best_device()
    waveforms, class_indices = training.device_clips(data, device)
    probabilities = training.predict(loaded.model.to(device), waveforms, loaded.temperature)
    figures = metrics.summary(probabilities, class_indices.cpu().numpy())
    figures["calibration_error"] = metrics.calibration_error(probabilities, class_indices.cpu().numpy())
    if arguments.json:
        print(json.dumps({"fold": arguments.fold, "clips": len(data)} | figures))
        return
    print(f"{arguments.weights} on fold {arguments.fold}, {len(data)} clips")
    for name, value in figures.items():
        print(f"  {name.replace('_', ' '):18} {value:7.2%}")


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, summary: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=summary, description=summary, allow_abbrev=False)
        added.set_defaults(run=run)
        return added

    command("download", download, "say how to get ESC-50")

    def common(command: argparse.ArgumentParser) -> None:
        command.add_argument(
            "--data", type=Path, default=Path("data/ESC-50"), metavar="FOLDER", help="ESC-50, or folder/label/*.wav"
        )
        command.add_argument("--device", help="cpu, cuda, cuda:1; default: CUDA where there is one")

    fitting = command("fit", fit, "train on four folds, measure on the fifth, write the weights")
    common(fitting)
    from audioclf.recipes import RECIPES

    fitting.add_argument(
        "--recipe",
        choices=RECIPES,
        default="small",
        help="; ".join(f"{name}: {recipe.summary}" for name, recipe in RECIPES.items()).replace("%", "%%"),
    )
    fitting.add_argument("--test-fold", type=int, choices=range(1, 6), default=4, help="never trained on (4)")
    fitting.add_argument(
        "--folds", type=int, nargs="+", choices=range(1, 6), help="train on these; default: all others"
    )
    fitting.add_argument("--epochs", type=int, help="instead of the recipe's")
    fitting.add_argument("--seed", type=int, default=0, help="of everything random (0)")
    fitting.add_argument("--threads", type=int, help="CPU threads; default: all cores")
    fitting.add_argument("--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="states and curves (runs)")
    fitting.add_argument(
        "--out", type=Path, metavar="FOLDER", help="where the weights go; default: in the run's folder"
    )

    evaluating = command("evaluate", evaluate, "measure weights on a fold that they were not trained on")
    common(evaluating)
    evaluating.add_argument("--weights", type=Path, default=Path("weights/esc50"), metavar="FOLDER")
    evaluating.add_argument("--fold", type=int, choices=range(1, 6), default=4)
    evaluating.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    evaluating.add_argument("--even-if-trained-on", action="store_true", help="measure on a trained fold too")
    return main


def main() -> int:
    from audioclf.dataset import DatasetError

    arguments = parser().parse_args()
    try:
        arguments.run(arguments)
    except (DatasetError, CheckpointError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from the last epoch.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
