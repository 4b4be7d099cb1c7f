"""The peers that the tests in this folder hold upreg against, and the versions of this run."""
import importlib.metadata


def pytest_report_header():
    versions = []
    for name in ("torch", "onnx", "onnxruntime", "pillow", "opencv-python-headless", "scipy", "dask", "zarr"):
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{name} not installed")
    return "peers: " + ", ".join(versions)
