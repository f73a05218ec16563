"""`thyrosight stats`: statistics of diagnostic and reader studies on tables, for people who do not program."""

import typer

from thyrosight.cli.stats.agreement import agreement_command
from thyrosight.cli.stats.calibration import calibration_command
from thyrosight.cli.stats.categorise import categorise_command
from thyrosight.cli.stats.decision import decision_command, reclassification_command
from thyrosight.cli.stats.diagnose import diagnose_command
from thyrosight.cli.stats.examples import examples
from thyrosight.cli.stats.froc import froc_command
from thyrosight.cli.stats.measurements import measurements_command
from thyrosight.cli.stats.meta import meta_command
from thyrosight.cli.stats.multiclass import multiclass_command
from thyrosight.cli.stats.paired import paired_command
from thyrosight.cli.stats.power import power_command
from thyrosight.cli.stats.readers import readers_against_system_command, readers_command
from thyrosight.cli.stats.regression import regression_command
from thyrosight.cli.stats.roc import compare_command, roc_command

app = typer.Typer(no_args_is_help=True, help="Statistics of diagnostic and reader studies on tables.")
app.command("roc")(roc_command)
app.command("compare")(compare_command)
app.command("diagnose")(diagnose_command)
app.command("paired")(paired_command)
app.command("categorise")(categorise_command)
app.command("agreement")(agreement_command)
app.command("measurements")(measurements_command)
app.command("readers")(readers_command)
app.command("readers-against-system")(readers_against_system_command)
app.command("froc")(froc_command)
app.command("calibration")(calibration_command)
app.command("decision")(decision_command)
app.command("reclassification")(reclassification_command)
app.command("regression")(regression_command)
app.command("power")(power_command)
app.command("multiclass")(multiclass_command)
app.command("meta")(meta_command)
app.command("examples")(examples)
# Names of earlier releases, for scripts that use them.
app.command("auc", hidden=True)(roc_command)
app.command("compare-auc", hidden=True)(compare_command)
app.command("compare-readers", hidden=True)(readers_command)
