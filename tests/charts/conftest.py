import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_windows():
    import matplotlib as mpl

    mpl.use("Agg")


@pytest.fixture
def ax():
    from matplotlib.figure import Figure

    return Figure(layout="constrained").subplots()


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    import matplotlib.pyplot as plt

    plt.close("all")
