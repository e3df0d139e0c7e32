"""The public surface: what is promised is there, and nothing else."""

import importlib
import pkgutil

import pytest

import technogen

ROOMS = sorted(m.name for m in pkgutil.iter_modules(technogen.__path__) if not m.name.startswith("__"))


def test_all_names_can_be_fetched():
    for name in technogen.__all__:
        assert getattr(technogen, name) is not None


def test_names_are_sorted_and_each_has_a_home():
    assert technogen.__all__ == sorted(technogen.__all__)
    assert set(technogen._HOMES) == set(technogen.__all__) - {"__version__"}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="nosuch"):
        technogen.nosuch  # noqa: B018


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_exports_what_it_says(room):
    module = importlib.import_module(f"technogen.{room}")
    assert module.__doc__
    for name in getattr(module, "__all__", ()):
        assert hasattr(module, name), f"{room}.{name}"


def test_every_error_is_under_one_base_and_documented():
    from technogen import errors

    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, Exception):
            assert issubclass(value, technogen.TechnoGenError)
            assert name in errors.__doc__
