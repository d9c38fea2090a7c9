import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";

import { onWillUnmount, useEffect } from "@odoo/owl";

const SECONDS = 5;

/**
 * A progress bar that reads its record again every few seconds while a job works on it.
 *
 * Option ``running``: the states in which that is so, with a comma between them.
 */
export class CarteraLiveProgress extends ProgressBarField {
    static props = { ...ProgressBarField.props, running: { type: String } };

    setup() {
        super.setup();
        this.timer = null;
        useEffect(
            (running) => {
                this.stop();
                if (running) {
                    this.timer = setInterval(() => this.look(), SECONDS * 1000);
                }
            },
            () => [this.isRunning],
        );
        onWillUnmount(() => this.stop());
    }

    get isRunning() {
        return this.props.running.split(",").includes(this.props.record.data.state);
    }

    stop() {
        clearInterval(this.timer);
        this.timer = null;
    }

    async look() {
        const record = this.props.record;
        if (document.hidden || !record.resId || (await record.isDirty())) {
            return;
        }
        await record.load();
    }
}

registry.category("fields").add("cartera_live_progress", {
    ...progressBarField,
    component: CarteraLiveProgress,
    fieldDependencies: [{ name: "state", type: "selection" }],
    extractProps: (field, dynamic) => ({
        ...progressBarField.extractProps(field, dynamic),
        running: field.options.running || "",
    }),
});
