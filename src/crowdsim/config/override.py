"""Setting keys of a composition, as Hydra does when it composes: without composing anew for every variant."""

from __future__ import annotations

from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import ConfigCompositionException
from omegaconf import DictConfig, OmegaConf, open_dict
from omegaconf.errors import OmegaConfBaseException

from crowdsim.scenario.resolved import GROUPS


def only_keys(texts: Sequence[str]) -> bool:
    """Return whether overrides set and delete keys only, and take no config group away."""
    return not any(text.startswith("~") and text[1:].partition("=")[0] in GROUPS for text in texts)


def set_keys(composed: DictConfig, texts: Sequence[str]) -> None:
    """Apply overrides of keys, `++KEY=VALUE` or `~KEY`, to a composition.

    Raises
    ------
    HydraException
        If one cannot be applied.
    """
    for override in OverridesParser.create().parse_overrides(list(texts)):
        try:
            if override.is_delete():
                _delete(composed, override)
            else:
                OmegaConf.update(composed, override.key_or_group, override.value(), merge=True, force_add=True)
        except OmegaConfBaseException as error:
            msg = f"Error merging override {override.input_line}"
            raise ConfigCompositionException(msg) from error


def _delete(composed: DictConfig, override: Override) -> None:
    key, value = override.key_or_group, override.value()
    there = OmegaConf.select(composed, key, throw_on_missing=False)
    if there is None:
        msg = f"Could not delete from config. '{key}' does not exist."
        raise ConfigCompositionException(msg)
    if value is not None and value != there:
        msg = f"Could not delete from config. The value of '{key}' is {there} and not {value}."
        raise ConfigCompositionException(msg)
    above, _, last = key.rpartition(".")
    with open_dict(composed):
        holder = OmegaConf.select(composed, above) if above else composed
        del holder[last]
