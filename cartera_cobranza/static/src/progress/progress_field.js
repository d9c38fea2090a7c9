import { registry } from "@web/core/registry";
import { ProgressBarField, progressBarField } from "@web/views/fields/progress_bar/progress_bar_field";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, onWillUnmount, useEffect, xml } from "@odoo/owl";

const SECONDS = 5;

/** Read the record of a field again every few seconds while ``isRunning()`` is true. */
function useReload(component, isRunning) {
    let timer = null;
    const stop = () => {
        clearInterval(timer);
        timer = null;
    };
    const look = async () => {
        const record = component.props.record;
        if (document.hidden || !record.resId || (await record.isDirty())) {
            return;
        }
        await record.load();
    };
    useEffect(
        (running) => {
            stop();
            if (running) {
                timer = setInterval(look, SECONDS * 1000);
            }
        },
        () => [isRunning()]
    );
    onWillUnmount(stop);
}

/**
 * A progress bar that follows a job while it works on the record.
 *
 * Option ``running``: the states in which that is so, with a comma between them.
 */
export class CarteraLiveProgress extends ProgressBarField {
    static props = { ...ProgressBarField.props, running: { type: String } };

    setup() {
        super.setup();
        useReload(this, () =>
            this.props.running.split(",").includes(this.props.record.data.state)
        );
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

/** Shows nothing: the record is read again while its flag is set. */
export class CarteraReload extends Component {
    static template = xml`<span/>`;
    static props = { ...standardFieldProps };

    setup() {
        useReload(this, () => this.props.record.data[this.props.name]);
    }
}

registry.category("fields").add("cartera_reload", {
    component: CarteraReload,
    supportedTypes: ["boolean"],
});
