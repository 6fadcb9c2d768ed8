"""The configuration of a `UNet2DModel` of diffusers: checked before anything is made of it, as a stranger wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from diffviz.domain import serialization
from diffviz.domain.text import tr
from diffviz.domain.weights_file import name_words

BLOCKS = ("%sBlock2D", "Attn%sBlock2D", "Skip%sBlock2D", "AttnSkip%sBlock2D", "Resnet%ssampleBlock2D")
DOWN, UP = (frozenset(block % way for block in BLOCKS) for way in ("Down", "Up"))
MOST_BLOCKS, MOST_LAYERS, MOST_CLASSES, LARGEST = 12, 16, 4096, 2048
CHANNELS = (1, 3)
CHOICES: Mapping[str, tuple[object, ...]] = MappingProxyType(
    {
        "time_embedding_type": ("positional", "fourier"),
        "downsample_padding": (0, 1),
        "downsample_type": ("conv", "resnet"),
        "upsample_type": ("conv", "resnet"),
        "act_fn": ("silu", "swish", "mish", "gelu", "relu"),
        "resnet_time_scale_shift": ("default", "scale_shift"),
    }
)
"""Settings and the values that they may have: with others the library fails, or computes what nobody has asked for."""


class UNetWire(serialization.Wire):
    """The configuration of a `UNet2DModel`."""

    in_channels: serialization.Size = 3
    out_channels: serialization.Size = 3
    sample_size: serialization.Size | tuple[serialization.Size, ...] | None = None
    center_input_sample: bool = False
    time_embedding_type: serialization.Line = "positional"
    time_embedding_dim: serialization.Size | None = None
    freq_shift: float = 0
    flip_sin_to_cos: bool = True
    down_block_types: serialization.Lines = ("DownBlock2D", *("AttnDownBlock2D",) * 3)
    mid_block_type: serialization.Line | None = "UNetMidBlock2D"
    up_block_types: serialization.Lines = (*("AttnUpBlock2D",) * 3, "UpBlock2D")
    block_out_channels: tuple[serialization.Size, ...] = (224, 448, 672, 896)
    layers_per_block: serialization.Size = 2
    mid_block_scale_factor: float = 1
    downsample_padding: serialization.Size = 1
    downsample_type: serialization.Line = "conv"
    upsample_type: serialization.Line = "conv"
    dropout: float = 0.0
    act_fn: serialization.Line = "silu"
    attention_head_dim: serialization.Size | None = 8
    norm_num_groups: serialization.Size = 32
    attn_norm_num_groups: serialization.Size | None = None
    norm_eps: float = 1e-5
    resnet_time_scale_shift: serialization.Line = "default"
    add_attention: bool = True
    class_embed_type: serialization.Line | None = None
    num_class_embeds: serialization.Size | None = None
    num_train_timesteps: serialization.Size | None = None


def read(raw: Mapping[str, Any]) -> tuple[UNetWire, tuple[int, int, int]]:
    """What `raw` says, and (C, H, W) of the pictures. Raises ValueError for what is not known or cannot be."""
    wire = serialization.convert(raw, UNetWire)
    _check_choices(wire)
    _check_blocks(wire)
    _check_classes(wire)
    return wire, _shape(wire)


def notes_of(raw: Mapping[str, Any], wire: UNetWire) -> Iterator[str]:
    """What of `raw` is left out or not understood."""
    if "auto_map" in raw:
        yield tr("it asks to run a program that comes with it (auto_map), which is not done")
    known = {*UNetWire.__struct_fields__, "auto_map"}
    unknown = sorted(key for key in raw if not key.startswith("_") and key not in known)
    if unknown:
        names = ", ".join(map(name_words, unknown[:8]))
        yield tr("its network has settings that are not understood here: {names}").format(names=names)
    if wire.out_channels == 2 * wire.in_channels:
        yield tr("the variance that it has learnt is left out: the samplers here have variances of their own")
    if wire.num_class_embeds:
        yield tr("it was always told a class: none, and guidance, are not there")


def _shape(wire: UNetWire) -> tuple[int, int, int]:
    """(C, H, W) of its pictures. Raises ValueError where it has none of those that are shown here."""
    sides = wire.sample_size if isinstance(wire.sample_size, tuple) else (wire.sample_size or 0,) * 2
    halved = 1 << (len(wire.block_out_channels) - 1)
    if len(sides) != 2 or not all(1 <= side <= LARGEST for side in sides):
        text = tr("it does not say the size of its pictures (sample_size), or one beyond {n}")
        raise ValueError(text.format(n=LARGEST))
    height, width = sides
    if height % halved or width % halved:
        text = tr("its pictures of {height} × {width} cannot be halved {n} times as its blocks do")
        raise ValueError(text.format(height=height, width=width, n=len(wire.block_out_channels) - 1))
    if wire.in_channels not in CHANNELS:
        raise ValueError(tr("it works on {n} channels, and latents are not opened yet").format(n=wire.in_channels))
    if wire.out_channels not in (wire.in_channels, 2 * wire.in_channels):
        raise ValueError(tr("it answers {n} channels with {m}").format(n=wire.in_channels, m=wire.out_channels))
    return wire.in_channels, height, width


def _check_choices(wire: UNetWire) -> None:
    """Raise ValueError for settings of which only some are known."""
    for name, known in CHOICES.items():
        if getattr(wire, name) not in known:
            text = tr("its {name} is “{value}”, and only {known} are known")
            value, words = name_words(str(getattr(wire, name))), ", ".join(map(str, known))
            raise ValueError(text.format(name=name, value=value, known=words))


def _check_blocks(wire: UNetWire) -> None:
    """Raise ValueError for a network of blocks that are not known, or of more than a machine can hold."""
    blocks = (*wire.down_block_types, *wire.up_block_types)
    unknown = [name for name in blocks if name.removeprefix("UNetRes") not in DOWN | UP]
    if unknown:
        raise ValueError(
            tr("its blocks are of the class {name}, which is not known").format(name=name_words(unknown[0]))
        )
    count = len(wire.block_out_channels)
    same = len(wire.down_block_types) == len(wire.up_block_types) == count
    if not same or not 1 <= count <= MOST_BLOCKS or not 1 <= wire.layers_per_block <= MOST_LAYERS:
        raise ValueError(tr("its blocks do not go together"))
    if min(wire.block_out_channels) < 1 or wire.norm_num_groups < 1 or wire.attention_head_dim == 0:
        raise ValueError(tr("its blocks do not go together"))


def _check_classes(wire: UNetWire) -> None:
    if wire.class_embed_type is not None:
        text = tr("it is told of classes by class_embed_type “{name}”, which is not known")
        raise ValueError(text.format(name=name_words(wire.class_embed_type)))
    if (wire.num_class_embeds or 0) > MOST_CLASSES:
        raise ValueError(tr("it has {n} classes, more than {most}").format(n=wire.num_class_embeds, most=MOST_CLASSES))
