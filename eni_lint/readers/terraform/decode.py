"""Terraform's JSON as records: typed at the top, and still raw wherever nobody may ever look."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct, json

from eni_lint.readers.terraform.shapes import Shape

NULL = Raw(b"null")


class Body(Struct, frozen=True, gc=False):
    """What a plan does to one resource, with its values before and after."""

    actions: tuple[str, ...] = ()
    before: Raw = NULL
    after: Raw = NULL
    after_unknown: Raw = NULL
    replace_paths: Raw = NULL


class PlannedResource(Struct, frozen=True):
    """One entry of `resource_changes`."""

    address: str
    type: str
    change: Body
    name: str = ""
    mode: str = "managed"
    index: int | str | None = None
    module_address: str | None = None
    previous_address: str | None = None
    deposed: str | None = None
    action_reason: str | None = None


class StateResource(Struct, frozen=True):
    """One resource instance of a state; `module` is filled by whoever walks the modules."""

    address: str
    type: str
    name: str = ""
    mode: str = "managed"
    index: int | str | None = None
    values: Raw = NULL
    depends_on: tuple[str, ...] | None = None
    deposed_key: str | None = None
    module: str = ""


class StateModule(Struct, frozen=True):
    """One module instance of a state."""

    address: str = ""
    resources: tuple[StateResource, ...] = ()
    child_modules: tuple[StateModule, ...] = ()


class StateValues(Struct, frozen=True):
    """The body of a state."""

    root_module: StateModule = StateModule()
    outputs: Raw = NULL


class State(Struct, frozen=True):
    """A state, alone or as the `prior_state` of a plan."""

    format_version: str = ""
    terraform_version: str = ""
    values: StateValues | None = None


class Expression(Struct, frozen=True):
    """What a configuration says about one value: a constant, or a bag of references.

    The constant is None where there is none, or nobody sees it. `shared` marks a bag that holds the references of
    other values too. Where the source is at hand, `literals` are the texts beside the references, and `text` is all.
    """

    references: tuple[str, ...] = ()
    constant_value: Any = None
    shared: bool = False
    shape: Shape = Shape.UNSEEN
    literals: tuple[str, ...] = ()
    text: str = ""


class ConfiguredResource(Struct, frozen=True):
    """One `resource` or `data` block of a configuration; only source tells whether it is `kept` from destruction."""

    address: str
    type: str = ""
    mode: str = "managed"
    provider_config_key: str = ""
    expressions: Raw = NULL
    count_expression: Expression | None = None
    for_each_expression: Expression | None = None
    depends_on: tuple[str, ...] = ()
    kept: bool = False


class ConfiguredOutput(Struct, frozen=True):
    """One `output` block of a configuration."""

    expression: Raw = NULL
    depends_on: tuple[str, ...] = ()


class ConfiguredVariable(Struct, frozen=True):
    """One `variable` block of a configuration."""

    default: Raw = NULL


class ConfiguredCall(Struct, frozen=True):
    """One `module` block of a configuration, with the module that it calls."""

    source: str = ""
    expressions: Raw = NULL
    count_expression: Expression | None = None
    for_each_expression: Expression | None = None
    module: ConfiguredModule | None = None
    depends_on: tuple[str, ...] = ()


class ConfiguredModule(Struct, frozen=True):
    """The configuration of one module; its locals are known only where its source is."""

    resources: tuple[ConfiguredResource, ...] = ()
    outputs: dict[str, ConfiguredOutput] = {}
    variables: dict[str, ConfiguredVariable] = {}
    module_calls: dict[str, ConfiguredCall] = {}
    locals: dict[str, Raw] = {}


class ProviderConfiguration(Struct, frozen=True):
    """One provider configuration: only its region matters."""

    name: str = ""
    expressions: Raw = NULL


class Configuration(Struct, frozen=True):
    """The configuration that a plan was made from."""

    provider_config: dict[str, ProviderConfiguration] = {}
    root_module: ConfiguredModule = ConfiguredModule()


class RootVariable(Struct, frozen=True):
    """The value of a variable of the root module."""

    value: Raw = NULL


class Plan(Struct, frozen=True):
    """A plan; unknown keys are ignored, as its format demands."""

    format_version: str
    terraform_version: str = ""
    variables: dict[str, RootVariable] = {}
    resource_changes: tuple[PlannedResource, ...] | None = None
    prior_state: State | None = None
    configuration: Raw = NULL
    timestamp: str = ""
    errored: bool | None = None
    complete: bool | None = None
    deferred_changes: tuple[Raw, ...] = ()


def decoded(raw: Raw) -> Any:
    """Decode what has been left raw, an empty value as None."""
    return json.decode(raw) if len(raw) else None


def configuration_of(plan: Plan) -> Configuration:
    """Decode the configuration of a plan, which is half of its size."""
    if plan.configuration == NULL:
        return Configuration()
    return json.decode(plan.configuration, type=Configuration)


def expression_of(stated: Any) -> Expression | None:
    """Make an expression of one entry of `expressions`, None of what is none (a nested block).

    >>> expression_of({"references": ["var.x"]}).references
    ('var.x',)
    """
    if not isinstance(stated, dict):
        return None
    if "constant_value" in stated:
        return Expression(constant_value=stated["constant_value"])
    references = stated.get("references", [])
    if not isinstance(references, list):
        return None
    mentions = tuple(str(each) for each in references)
    if "text" not in stated:
        return Expression(mentions)
    return Expression(mentions, shape=Shape[stated["shape"]], literals=tuple(stated["literals"]), text=stated["text"])
