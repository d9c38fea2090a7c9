import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** The name of a key figure, whose unit stands beside the figure; its formula and variant are shown when the pointer rests on it. */
export class CarteraKpiName extends Component {
    static template = "cartera_cobranza.KpiName";
    static props = { ...standardFieldProps };

    get name() {
        return this.props.record.data.indicator_name || "";
    }

    get formula() {
        return this.props.record.data.explanation || "";
    }
}

registry.category("fields").add("cartera_kpi_name", {
    component: CarteraKpiName,
    supportedTypes: ["many2one"],
    fieldDependencies: [
        { name: "explanation", type: "text" },
        { name: "indicator_name", type: "char" },
    ],
});
