"""What a user says about inputs besides their paths."""

from __future__ import annotations

from msgspec import Struct


class Options(Struct, frozen=True):
    """How inputs are to be read.

    `parameters` are files with values of template parameters, `var_files` files with values of Terraform variables,
    in order. `source_root` is the directory of Terraform source behind a plan, `saved_plan` the file of
    `terraform plan -out` or a raw state. `before` is what stood before (a template or an assembly). `stack_name` holds
    the names of stacks: `NAME` of the only one, `FILE=NAME` of one among several. `stack_dir` makes the templates of a
    directory one stack. `skip_unrelated` passes over JSON and YAML that is none of the inputs.
    """

    parameters: tuple[str, ...] = ()
    var_files: tuple[str, ...] = ()
    workspace: str = "default"
    source_root: str = ""
    saved_plan: str = ""
    before: str = ""
    stack_name: tuple[str, ...] = ()
    stack_dir: bool = False
    skip_unrelated: bool = False


PLAIN = Options()
