"""Train, measure and export networks.

python train.py download                       how to get ESC-50
python train.py fit --recipe small             train on four folds, measure on the fifth
python train.py evaluate --fold 4              measure the shipped weights on the fold they never saw
python train.py crossval --recipe small        all five folds, one table
python train.py ablate                         the comparison of methods, one table
python train.py push --repo user/name          upload the shipped weights to the Hugging Face Hub
"""

import argparse
import json
import os
import shutil
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


def download(_: argparse.Namespace) -> None:
    print(DOWNLOAD)


def _device(arguments: argparse.Namespace):
    import torch

    from audioclf import memory
    from audioclf.training import best_device

    memory.keep()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    return torch.device(arguments.device) if arguments.device else best_device()


def _run_folds(arguments: argparse.Namespace, methods: list[str], folds: list[int]) -> None:
    """Run each method on each fold, this process's share of them where `torchrun` started several."""
    import torch

    from audioclf import dataset, experiments
    from audioclf.recipes import FOREST, RECIPES

    device = _device(arguments)
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if device.type == "cuda" and world > 1:
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    wanted = [
        experiments.Fold(method=method, test_fold=fold, seed=seed, inner=arguments.inner)
        for method in methods
        for seed in arguments.seeds
        for fold in folds
    ][rank::world]
    loaded = {}
    for fold in wanted:
        if (arguments.results / f"{fold.name}.json").is_file() and not arguments.again:
            print(f"{fold.name}: done before; --again runs it anew.")
            continue
        mel = RECIPES["small" if fold.method == FOREST else fold.method].mel
        if mel not in loaded:
            loaded = {mel: dataset.load(arguments.data, mel)}
        if arguments.again:
            shutil.rmtree(arguments.runs / fold.name, ignore_errors=True)
        result = experiments.run_fold(
            fold,
            loaded[mel],
            runs=arguments.runs,
            results=arguments.results,
            device=device,
            epochs=arguments.epochs,
            again=arguments.again,
        )
        print(f"{fold.name}: last epoch {result['last_epoch']['accuracy']:.2%}, {result['seconds']:.0f} s", flush=True)


def fit(arguments: argparse.Namespace) -> None:
    from audioclf import experiments

    arguments.seeds = [arguments.seed]
    _run_folds(arguments, [arguments.recipe], [arguments.test_fold])
    fold = experiments.Fold(
        method=arguments.recipe, test_fold=arguments.test_fold, seed=arguments.seed, inner=arguments.inner
    )
    weights = arguments.runs / fold.name / "weights"
    if arguments.out:
        shutil.copytree(weights, arguments.out, dirs_exist_ok=True)
        weights = arguments.out
    print(f"Weights are in {weights}; measure them and write their card with")
    print(f"  python train.py evaluate --weights {weights} --data {arguments.data} --fold {fold.test_fold} --write")


def crossval(arguments: argparse.Namespace) -> None:
    from audioclf import tables

    _run_folds(arguments, [arguments.recipe], arguments.folds)
    print(tables.crossval_table(tables.load_results(arguments.results), arguments.recipe))


def ablate(arguments: argparse.Namespace) -> None:
    from audioclf import tables

    _run_folds(arguments, arguments.methods, arguments.folds)
    print(tables.ablation_table(tables.load_results(arguments.results)))


def write_tables(arguments: argparse.Namespace) -> None:
    from audioclf import tables

    tables.write_tables(arguments.document, arguments.results)


def calibrate(arguments: argparse.Namespace) -> None:
    import dataclasses

    import numpy as np

    from audioclf import card, checkpoint, metrics
    from audioclf.dataset import DatasetError

    loaded = checkpoint.load(arguments.weights)
    inner = checkpoint.load(arguments.run_folder / "weights").provenance
    test_fold = loaded.provenance.get("test_fold")
    if test_fold in inner["train_folds"] or inner["test_fold"] != test_fold or len(inner["train_folds"]) != 3:
        raise DatasetError(f"{arguments.run_folder} is no inner split of test fold {test_fold}: see `fit --inner`.")
    kept = np.load(arguments.run_folder / "evaluation.npz")
    temperature = metrics.fit_temperature(kept["logits"], kept["class_indices"])
    provenance = loaded.provenance | {"temperature_from": arguments.run_folder.name}
    loaded = dataclasses.replace(loaded, temperature=round(temperature, 4), provenance=provenance)
    checkpoint.save(loaded, arguments.weights)
    card.write(loaded, arguments.weights)
    before, after = (
        metrics.calibration_error(metrics.softmax(kept["logits"], t), kept["class_indices"]) for t in (1.0, temperature)
    )
    print(f"Temperature {temperature:.4f}; calibration error on the inner split {before:.2%} -> {after:.2%}.")


def evaluate(arguments: argparse.Namespace) -> None:
    import dataclasses

    from audioclf import card, checkpoint, dataset, experiments, tables
    from audioclf.classifier import weights_folder

    device = _device(arguments)
    loaded = checkpoint.load(weights_folder(arguments.weights))
    if arguments.fold in loaded.provenance.get("train_folds", []) and not arguments.even_if_trained_on:
        raise dataset.DatasetError(
            f"These weights were trained on fold {arguments.fold}: measuring there says nothing. "
            "Add --even-if-trained-on if you mean it."
        )
    data = dataset.load(arguments.data, loaded.mel, folds=[arguments.fold])
    told = experiments.measure(loaded, data, arguments.fold, device)
    all_folds = tables.cross_validation(tables.load_results(arguments.results), loaded.provenance)
    if all_folds:
        told["cross_validation"] = all_folds
    if arguments.write:
        loaded = dataclasses.replace(loaded, model=loaded.model.cpu(), provenance=loaded.provenance | told)
        checkpoint.save(loaded, arguments.weights)
        card.write(loaded, arguments.weights)
    if arguments.json:
        print(json.dumps(told))
        return
    print(f"{arguments.weights} on fold {arguments.fold}")
    for name, value in told["figures"].items():
        shown = f"{value:7.2%}" if isinstance(value, float) else f"{value:5}"
        print(f"  {name.replace('_', ' '):32} {shown}")
    if all_folds:
        print(f"  {'accuracy of the five folds':32} {all_folds['accuracy']:7.2%} ± {100 * all_folds['deviation']:.2f}")


def push(arguments: argparse.Namespace) -> None:
    from audioclf import hub

    print(hub.push(arguments.weights, arguments.repo, private=arguments.private or None))


def analyse(arguments: argparse.Namespace) -> None:
    import numpy as np

    from audioclf import charts, checkpoint, metrics

    loaded = checkpoint.load(arguments.run_folder / "weights")
    kept = np.load(arguments.run_folder / "evaluation.npz")
    probabilities = metrics.softmax(kept["logits"], arguments.temperature)
    matrix = metrics.confusion_matrix(probabilities, kept["class_indices"])
    figures = {
        "confusion": charts.confusion(matrix, loaded.labels),
        "calibration": charts.calibration(metrics.reliability(probabilities, kept["class_indices"])),
        "curves": charts.curves(
            {
                folder.name: json.loads((folder / "history.json").read_text())
                for folder in [arguments.run_folder, *arguments.beside]
            }
        ),
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, figure in figures.items():
        figure.savefig(arguments.out / f"{name}.png", dpi=120)
    print("| was | answered | clips |\n|---|---|---|")
    for true, said, clips in charts.worst_pairs(matrix, loaded.labels):
        print(f"| {true} | {said} | {clips} |")


def bench(arguments: argparse.Namespace) -> None:
    from audioclf import dataset, experiments
    from audioclf.recipes import RECIPES
    from audioclf.training import Trainer

    recipe = RECIPES[arguments.recipe]
    data = dataset.load(arguments.data, recipe.mel, folds=[1])
    trainer = Trainer(recipe, data, device=_device(arguments))
    speed = trainer.speed(arguments.steps)
    print(f"{arguments.recipe} on {experiments.device_name(trainer.device)}")
    print(f"  whole step            {speed['clips_per_second']:8.0f} clips/s")
    print(f"  network alone         {speed['network_clips_per_second']:8.0f} clips/s, forward, backward, optimizer")
    print(f"  share of it reached   {speed['clips_per_second'] / speed['network_clips_per_second']:8.0%}")


def parser() -> argparse.ArgumentParser:
    from audioclf.recipes import FOREST, RECIPES
    from audioclf.tables import ABLATION

    main = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run, summary: str, *groups) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=summary, description=summary[0].upper() + summary[1:] + ".", allow_abbrev=False
        )
        added.set_defaults(run=run)
        for group in groups:
            group(added)
        return added

    def data(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--data", type=Path, default=Path("data/ESC-50"), metavar="FOLDER", help="ESC-50, or folder/label/*.wav"
        )
        added.add_argument("--device", help="cpu, cuda, cuda:1; default: CUDA where there is one")
        added.add_argument("--threads", type=int, metavar="N", help="CPU threads; default: all cores")

    def running(added: argparse.ArgumentParser) -> None:
        added.add_argument("--epochs", type=int, help="instead of the recipe's")
        added.add_argument("--inner", action="store_true", help="leave the test fold out, measure on a training fold")
        added.add_argument("--again", action="store_true", help="run anew although there is a result")
        added.add_argument("--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="states, curves, weights")
        results(added)

    def results(added: argparse.ArgumentParser) -> None:
        added.add_argument("--results", type=Path, default=Path("results"), metavar="FOLDER", help="the small files")

    def recipe(added: argparse.ArgumentParser) -> None:
        summaries = "; ".join(f"{name}: {recipe.summary}" for name, recipe in RECIPES.items()).replace("%", "%%")
        added.add_argument("--recipe", choices=RECIPES, default="small", help=summaries)

    def folds(added: argparse.ArgumentParser) -> None:
        added.add_argument(
            "--folds", type=int, nargs="+", choices=range(1, 6), default=[1, 2, 3, 4, 5], help="test folds to run (all)"
        )
        added.add_argument("--seeds", type=int, nargs="+", default=[0], help="one run of each fold for each (0)")

    command("download", download, "say how to get ESC-50")

    added = command("fit", fit, "train on four folds, measure on the fifth, write the weights", data, recipe, running)
    added.add_argument("--test-fold", type=int, choices=range(1, 6), default=4, help="never trained on (4)")
    added.add_argument("--seed", type=int, default=0, help="of everything random (0)")
    added.add_argument("--out", type=Path, metavar="FOLDER", help="copy the weights there")

    added = command("evaluate", evaluate, "measure weights on a fold that they were not trained on", data, results)
    added.add_argument("--weights", type=Path, default=Path("weights/esc50"), metavar="FOLDER")
    added.add_argument("--fold", type=int, choices=range(1, 6), default=4)
    added.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    added.add_argument("--write", action="store_true", help="write the figures into the weights' config and card")
    added.add_argument("--even-if-trained-on", action="store_true", help="measure on a trained fold too")

    command("crossval", crossval, "run the five folds of a recipe and print their table", data, recipe, folds, running)

    added = command("ablate", ablate, "run the compared methods and print their table", data, folds, running)
    methods = [name for name in ABLATION if name == FOREST or name in RECIPES]
    added.add_argument("--methods", nargs="+", choices=methods, default=methods, help="default: all")

    added = command("tables", write_tables, "make the tables in RESULTS.md anew from the results", results)
    added.add_argument("--document", type=Path, default=Path("RESULTS.md"))

    added = command("calibrate", calibrate, "fit the temperature on an inner split's run")
    added.add_argument("--weights", type=Path, default=Path("weights/esc50"), metavar="FOLDER")
    added.add_argument("--run", dest="run_folder", type=Path, required=True, metavar="FOLDER", help="runs/…-inner4-…")

    added = command("push", push, "upload weights and their card to the Hugging Face Hub")
    added.add_argument("--weights", type=Path, default=Path("weights/esc50"), metavar="FOLDER")
    added.add_argument("--repo", required=True, metavar="USER/NAME", help="made where it is missing")
    added.add_argument("--private", action="store_true", help="where it is made: only you can see it")

    added = command(
        "analyse", analyse, "draw a run's confusion matrix, curves and calibration, list its worst mistakes"
    )
    added.add_argument("--run", dest="run_folder", type=Path, required=True, metavar="FOLDER", help="runs/…")
    added.add_argument("--beside", type=Path, nargs="*", default=[], metavar="FOLDER", help="more runs' curves")
    added.add_argument("--temperature", type=float, default=1.0, help="of the softmax (1)")
    added.add_argument("--out", type=Path, default=Path("docs/analysis"), metavar="FOLDER")

    added = command("bench", bench, "measure training speed, whole and network alone", data, recipe)
    added.add_argument("--steps", type=int, default=20)
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
        print("\nStopped. The same command goes on from the last state on disk.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
