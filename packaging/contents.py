"""What goes into the bundle and what stays out: one place, used by the spec and by the build."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Any

# Read at run time to say which versions computed a run.
WITH_METADATA = ("numpy", "torch", "Pillow")

# Never imported by the program: tools of developers, what torch could use and diffviz does not, other toolkits.
EXCLUDED = (
    "imageio",
    "imageio_ffmpeg",
    "diffusers",
    "transformers",
    "huggingface_hub",
    "hypothesis",
    "pytest",
    "_pytest",
    "pytestqt",
    "mypy",
    "ruff",
    "importlinter",
    "grimp",
    "build",
    "hatchling",
    "babel",
    "pip",
    "setuptools",
    "wheel",
    "pkg_resources",
    "tkinter",
    "matplotlib.pyplot",
    "mpl_toolkits",
    "scipy",
    "pandas",
    "IPython",
    "tensorboard",
    "torch.utils.tensorboard",
    "torchvision",
    "triton",
    "PyInstaller",
    "OpenGL",
    "h5py",
    "cupy",
    "pyqtgraph.opengl",
    "pyqtgraph.examples",
    "PySide6.QtQml",
    "PySide6.QtQuick",
    "PySide6.QtQuickWidgets",
    "PySide6.QtPdf",
    "PySide6.QtSql",
    "PySide6.QtDesigner",
    "PySide6.QtUiTools",
    "PySide6.QtHelp",
)

# torch's tests, tools, headers and static libraries; modules and plug-ins of Qt and data that nothing here asks for.
LEFT_OUT = tuple(
    re.compile(pattern)
    for pattern in (
        r"^torch/(test|include|share)/",
        r"^torch/bin/(?!torch_shm_manager$)",  # torch does not start without that one
        r"^torch/lib/.*(_test|test_|backend_registration|jitbackend|aoti_custom_ops).*\.(so|dylib|dll)$",
        r"^torch/.*\.(a|lib|h|hpp|cuh|cmake|pyi)$",
        r"^torch/_inductor/(codegen|kernel)/.*\.(h|cpp|jinja)$",
        r"^(PySide6/Qt/)?.*(Qt6?)(Qml|Quick|VirtualKeyboard|Pdf|Sql|Designer|Help|3D|ShaderTools)\w*\.",
        r"^.*libQt6(Qml|Quick|VirtualKeyboard|Pdf|Sql|Designer|Help|EglFS)\w*\.so",
        r"^PySide6/Qt/qml/",
        # its fonts but for one of signs and one of boxes for letters that are in none, its icons, styles, samples
        r"^matplotlib/mpl-data/(?!matplotlibrc$|fonts/ttf/(cmex10|LastResortHE-Regular)\.ttf$)",
        r"^PySide6/Qt/plugins/(platforminputcontexts/.*virtualkeyboard|imageformats/.*pdf|tls|networkinformation|sqldrivers)",
        r"^PySide6/Qt/plugins/(qmltooling|egldeviceintegrations|generic|printsupport|designer|help)",
        r"^PySide6/Qt/plugins/platforms/.*(eglfs|linuxfb|vnc|vkkhrdisplay|minimalegl)",
        r"^PySide6/Qt/translations/(?!qtbase_(en|ko)\.qm$)",
        r"^resources/readme/",
    )
)


def needed(name: str) -> bool:
    """Whether the file `name` of the bundle is ever used."""
    path = PurePath(name).as_posix()
    return not any(pattern.search(path) for pattern in LEFT_OUT)


def version_resource(version: str) -> Any:
    """What Windows shows as the properties of the program."""
    from PyInstaller.utils.win32 import versioninfo as info

    numbers = (*map(int, version.split(".")[:3]), 0)
    texts = {
        "FileDescription": "diffviz",
        "FileVersion": version,
        "InternalName": "diffviz",
        "OriginalFilename": "diffviz.exe",
        "ProductName": "diffviz",
        "ProductVersion": version,
        "LegalCopyright": "MIT licence",
    }
    table = info.StringTable("040904B0", [info.StringStruct(name, text) for name, text in texts.items()])
    translation = info.VarFileInfo([info.VarStruct("Translation", [0x0409, 1200])])
    return info.VSVersionInfo(
        ffi=info.FixedFileInfo(filevers=numbers, prodvers=numbers), kids=[info.StringFileInfo([table]), translation]
    )
