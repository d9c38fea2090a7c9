"""The daily job: every daily scheduled action of the suite, run once as its scheduler would."""

import time

from .books import DemoError

DONE = "cartera_demo.daily."


def run(env, progress=print):
    """Run the suite's daily scheduled actions one after the other, in their order.

    :param progress: called with a line of text for each
    :return: {name of the scheduled action: seconds}
    :raises DemoError: naming the action that failed
    """
    parameters = env["ir.config_parameter"].sudo()
    for number, cron in enumerate(_actions(env), 1):
        name = cron.name
        started = time.monotonic()
        failed = cron.method_direct_trigger()
        seconds = time.monotonic() - started
        if failed is not True:
            raise DemoError(
                f"The scheduled action “{name}” failed:"
                f" {failed['params']['data']['message']}"
            )
        env.invalidate_all()
        parameters.set_param(f"{DONE}{number:02}.{name}", f"{seconds:.1f}")
        env.cr.commit()
        progress(f"  {name}: {seconds:.1f} s")
    return seconds_of(env)


def seconds_of(env):
    """{scheduled action: seconds} of the last run, in its order."""
    rows = (
        env["ir.config_parameter"]
        .sudo()
        .search_read([("key", "=like", f"{DONE}%")], ["key", "value"], order="key")
    )
    return {
        row["key"].removeprefix(DONE).split(".", 1)[1]: float(row["value"])
        for row in rows
    }


def _actions(env):
    crons = env["ir.cron"].with_context(lang=None).search([], order="priority, id")
    modules = {
        cron_id: xml_id.split(".")[0]
        for cron_id, xml_id in crons.get_external_id().items()
    }
    return crons.filtered(
        lambda cron: cron.interval_type == "days"
        and cron.interval_number == 1
        and modules[cron.id].startswith("cartera_cobranza")
    )
