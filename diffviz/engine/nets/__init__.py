"""Networks by the name that a card's "architecture" gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from torch import nn

from diffviz.engine.nets.generators import Gan, GanConfig, Vae, VaeConfig
from diffviz.engine.nets.unet import Classifier, ClassifierConfig, EdmUNet, Mlp, MlpConfig, UNet, UNetConfig


@dataclass(frozen=True, slots=True)
class Net:
    """A network class and the dataclass of its settings."""

    config: type[Any]
    make: Callable[[Any], nn.Module]


NETS: Mapping[str, Net] = MappingProxyType(
    {
        "unet": Net(UNetConfig, UNet),
        "edm": Net(UNetConfig, EdmUNet),
        "classifier": Net(ClassifierConfig, Classifier),
        "vae": Net(VaeConfig, Vae),
        "gan": Net(GanConfig, Gan),
        "mlp": Net(MlpConfig, Mlp),
    }
)


def build(architecture: Mapping[str, Any]) -> nn.Module:
    """The network that `architecture`, {"net": name, settings…}, describes, with fresh weights.

    Raises KeyError, TypeError or ValueError for what is not an architecture.
    """
    settings = dict(architecture)
    net = NETS[settings.pop("net")]
    settings = {name: tuple(v) if isinstance(v, list) else v for name, v in settings.items()}
    return net.make(net.config(**settings))
