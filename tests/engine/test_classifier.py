"""The classifier: features, and images moved by a few pixels in training."""

import numpy as np
import pytest
import torch

from diffviz.domain.errors import DataUnsuitable
from diffviz.domain.training import TrainClassifier
from diffviz.engine.datasets import TrainingSet
from diffviz.engine.nets.unet import Classifier, ClassifierConfig
from diffviz.engine.training_tasks import SHIFT, ClassifierTask, shifted


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (3, 48, 64)])
def test_logits_and_features(shape: tuple[int, int, int]) -> None:
    net = Classifier(ClassifierConfig(shape[0], 7, (8, 16, 24), 12)).eval()
    x = torch.randn(2, *shape)
    assert net(x).shape == (2, 7)
    assert net.features(x).shape == (2, 12)
    torch.testing.assert_close(net(x), net.out(net.features(x)))


def test_shifted_images_keep_what_stays_inside() -> None:
    x = torch.full((50, 2, 9, 11), -1.0)
    x[:, :, 4, 5] = torch.arange(1.0, 51)[:, None]
    moved = shifted(x, torch.Generator().manual_seed(0))
    assert moved.shape == x.shape
    where = (moved[:, 0] > 0).nonzero()
    assert len(where) == 50
    assert moved.amax((1, 2, 3)).tolist() == list(range(1, 51))
    offsets = where[:, 1:] - torch.tensor([4, 5])
    assert int(offsets.abs().max()) == SHIFT
    assert len(set(map(tuple, offsets.tolist()))) > SHIFT**2


def test_data_without_classes_is_refused() -> None:
    data = TrainingSet("none", np.zeros((4, 1, 8, 8), np.uint8), np.zeros(4, np.int64))
    with pytest.raises(DataUnsuitable):
        ClassifierTask(TrainClassifier(), data)
