"""torch as diffviz uses it: what it imports, and its libraries; not every module and not the sources of all."""

from pathlib import Path

from PyInstaller.utils.hooks import collect_data_files, collect_dynamic_libs, get_module_file_attribute

# torch looks at the source of some of its own functions (torch.jit, torch.library); these modules keep theirs.
module_collection_mode = "pyz+py"
HEADERS = ("**/*.h", "**/*.hpp", "**/*.cuh", "**/*.cmake", "**/*.pyi")
datas = collect_data_files("torch", excludes=[*HEADERS, "bin/**", "test/**", "include/**", "share/**"])
binaries = collect_dynamic_libs("torch")
if (manager := Path(get_module_file_attribute("torch")).parent / "bin" / "torch_shm_manager").exists():
    binaries.append((str(manager), "torch/bin"))
# Imported by name only, when a training begins.
polyfills = Path(get_module_file_attribute("torch")).parent / "_dynamo" / "polyfills"
hiddenimports = [f"torch._dynamo.polyfills.{path.stem}" for path in sorted(polyfills.glob("*.py"))]
