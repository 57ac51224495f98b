import json

import pytest

from audioclf.config import AugmentConfig, MelConfig, ModelConfig, TrainConfig
from audioclf.labels import ESC50_LABELS, LABELS, describe
from audioclf.recipes import RECIPES


@pytest.mark.parametrize("kind", [MelConfig, ModelConfig, AugmentConfig, TrainConfig])
def test_configs_survive_json(kind):
    assert kind.from_dict(json.loads(json.dumps(kind().to_dict()))) == kind()


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)
def test_recipes_survive_json_and_look_no_higher_than_the_data(recipe):
    for config in (recipe.mel, recipe.model, recipe.augment, recipe.train):
        assert type(config).from_dict(json.loads(json.dumps(config.to_dict()))) == config
    assert recipe.mel.f_max <= 8_000


def test_an_unknown_key_is_an_error():
    with pytest.raises(ValueError, match="no setting 'n_mel'"):
        MelConfig.from_dict({"n_mel": 64})


def test_labels_are_esc50s():
    assert len(ESC50_LABELS) == len(set(ESC50_LABELS)) == 50
    # Fixed points of the data set's own table.
    assert [ESC50_LABELS.index(name) for name in ("dog", "rain", "crying_baby", "door_wood_knock", "hand_saw")] == [
        0,
        10,
        20,
        30,
        49,
    ]
    assert {label.group for label in LABELS} == {label.group for label in LABELS[::10]}
    assert describe("dog").phrase == "a dog"
    assert describe("my_kettle").title == "My kettle"
