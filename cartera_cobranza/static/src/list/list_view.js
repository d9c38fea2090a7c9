import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { listView } from "@web/views/list/list_view";
import { ListRenderer } from "@web/views/list/list_renderer";

import { useState } from "@odoo/owl";

const formatters = registry.category("formatters");

/**
 * Totals below a list are those of all its records, and not only of the page that is shown.
 *
 * Whoever selects records sees the totals of the selection, as anywhere else. What cannot be added up has none.
 */
export class CarteraListRenderer extends ListRenderer {
    setup() {
        // before the first rendering, which asks for the totals
        this.orm = useService("orm");
        this.totals = useState({ key: "", values: {} });
        super.setup();
    }

    computeAggregates() {
        const aggregates = super.computeAggregates();
        const { list } = this.props;
        const names = Object.keys(aggregates);
        if (!list.domain || list.isGrouped || list.selection.length || list.count <= list.records.length || !names.length) {
            return aggregates;
        }
        const key = JSON.stringify([list.domain, list.context, names, list.count]);
        if (this.totals.key !== key) {
            this.loadTotals(key, names);
            return {};
        }
        const found = {};
        for (const name of names) {
            const total = this.totals.values[name];
            if (total) {
                const column = this.columns.find((one) => one.name === name);
                const formatter = formatters.get(column.widget, false) || formatters.get(this.fields[name].type);
                found[name] = {
                    ...aggregates[name],
                    multiCurrency: false,
                    rawValue: total.value,
                    value: formatter(total.value, { currencyId: total.currencyId, field: this.fields[name] }),
                };
            }
        }
        return found;
    }

    async loadTotals(key, names) {
        if (this.asked === key) {
            return;
        }
        this.asked = key;
        const { list } = this.props;
        const specs = new Set();
        for (const name of names) {
            const column = this.columns.find((one) => one.name === name);
            const func = ["sum", "avg", "max", "min"].find((one) => column.attrs[one]);
            if (func && this.fields[name].aggregator) {
                specs.add(`${name}:${func}`);
                if (this.fields[name].type === "monetary") {
                    specs.add(`${this.getCurrencyField(column)}:array_agg_distinct`);
                }
            }
        }
        const values = {};
        if (specs.size) {
            const [group] = await this.orm.formattedReadGroup(list.resModel, list.domain, [], [...specs], {
                context: list.context,
            });
            for (const spec of specs) {
                const [name, func] = spec.split(":");
                const column = this.columns.find((one) => one.name === name);
                if (func === "array_agg_distinct" || typeof group[spec] !== "number") {
                    continue;
                }
                const monetary = this.fields[name].type === "monetary";
                const currencies = monetary ? group[`${this.getCurrencyField(column)}:array_agg_distinct`] : [];
                if (!monetary || currencies.length === 1) {
                    values[name] = { value: group[spec], currencyId: currencies[0] };
                }
            }
        }
        if (this.asked === key) {
            Object.assign(this.totals, { key, values });
        }
    }
}

registry.category("views").add("cartera_list", { ...listView, Renderer: CarteraListRenderer });
