import { _t } from "@web/core/l10n/translation";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, formatDate, serializeDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { download } from "@web/core/network/download";
import { useService } from "@web/core/utils/hooks";
import { user } from "@web/core/user";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component, onWillStart, useState } from "@odoo/owl";

const CHOICES = ["as_of", "company_id", "profile_id", "basis", "netted", "value"];

/**
 * The director's aging: totals, buckets as bars, the top debtors and the change since last month, on any date.
 *
 * Every figure leads to its open items. No amount is computed here but differences between two that are shown and the
 * widths of bars.
 */
export class CarteraAging extends Component {
    static template = "cartera_cobranza.Aging";
    static components = { DateTimeInput, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        const saved = this.props.state?.choice || {};
        this.state = useState({ aging: null, error: "", choice: { ...saved } });
        // whoever comes back from the items finds the date that was chosen
        useSetupAction({ getLocalState: () => ({ choice: { ...this.state.choice } }) });
        this.env.config.setDisplayName(_t("Aging"));
        onWillStart(() => this.load());
    }

    get aging() {
        return this.state.aging;
    }

    async load(choice = {}) {
        const asked = { ...this.state.choice, ...choice };
        try {
            this.state.aging = await this.orm.call("cartera.aging.report", "action_show", [], {
                options: asked,
                context: user.context,
            });
            this.state.error = "";
            for (const name of CHOICES) {
                this.state.choice[name] = this.aging[name];
            }
        } catch (error) {
            if (error.exceptionName?.startsWith("odoo.exceptions") && this.aging) {
                this.state.error = error.data?.message || error.message;
                return;
            }
            throw error;
        }
    }

    choose(name, event) {
        const element = event.target;
        const value = element.type === "checkbox" ? element.checked : element.value;
        this.load({ [name]: value });
    }

    chooseDay(day) {
        if (day) {
            this.load({ as_of: serializeDate(day) });
        }
    }

    date(text) {
        return deserializeDate(text);
    }

    get bases() {
        return [
            ["due", _t("Due date")],
            ["invoice", _t("Invoice date")],
            ["acknowledged", _t("Acknowledged date")],
        ];
    }

    get values() {
        return [
            ["ledger", _t("Value of the ledger")],
            ["revalued", _t("Exchange rate of the date")],
        ];
    }

    money(amount, currencyId = this.aging.currency_id) {
        return formatMonetary(amount, { currencyId });
    }

    day(text) {
        return formatDate(deserializeDate(text));
    }

    percent(share) {
        return share === null ? "" : _t("%s%%", formatFloat(share, { digits: [16, 1] }));
    }

    change(now, before) {
        const amount = now - before;
        const sign = amount > 0 ? "+" : "";
        return `${sign}${this.money(amount)}`;
    }

    changeTone(now, before) {
        if (Math.abs(now - before) < 0.005) {
            return "text-muted";
        }
        return now > before ? "text-danger" : "text-success";
    }

    width(amount) {
        const most = Math.max(...this.aging.buckets.map((bucket) => Math.max(bucket.amount, 0)), 0);
        return most > 0 ? Math.max((Math.max(amount, 0) / most) * 100, 0) : 0;
    }

    tone(bucket, index) {
        if (!bucket.late) {
            return "success";
        }
        const late = this.aging.buckets.filter((one) => one.late);
        return late.indexOf(bucket) >= late.length / 2 ? "danger" : "warning";
    }

    share(debtor, bucket) {
        const whole = this.aging.buckets.reduce((sum, one) => sum + Math.max(debtor.buckets[one.id] || 0, 0), 0);
        return whole > 0 ? (Math.max(debtor.buckets[bucket.id] || 0, 0) / whole) * 100 : 0;
    }

    /** Open the items behind a figure, on the date and with the profile that are shown. */
    openItems(name, domain) {
        const { as_of, profile_id, basis, company_id } = this.aging;
        this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("%(figure)s on %(day)s", { figure: name, day: this.day(as_of) }),
            res_model: "cartera.receivable.item",
            views: [
                [false, "list"],
                [false, "pivot"],
                [false, "graph"],
            ],
            domain: [["company_id", "=", company_id], ...domain],
            context: { cartera_as_of: as_of, cartera_profile_id: profile_id, cartera_basis: basis },
        });
    }

    openAll() {
        this.openItems(_t("Receivable"), []);
    }

    openOverdue() {
        this.openItems(_t("Overdue"), [
            ["side", "=", "debt"],
            ["days_overdue", ">", 0],
        ]);
    }

    openCredits() {
        this.openItems(_t("Unapplied credits"), [["side", "=", "credit"]]);
    }

    openBucket(bucket) {
        const side = this.aging.netted ? [] : [["side", "=", "debt"]];
        this.openItems(bucket.name, [["bucket_id", "=", bucket.id], ...side]);
    }

    openDebtor(debtor) {
        this.openItems(debtor.name, [["partner_id", "=", debtor.partner_id]]);
    }

    openCurrency(currency) {
        this.openItems(currency.name, [["currency_id", "=", currency.currency_id]]);
    }

    async exportWorkbook() {
        const data = {};
        for (const name of CHOICES) {
            data[name] = name === "netted" ? (this.aging.netted ? "1" : "") : this.aging[name];
        }
        await download({ url: "/cartera/aging.xlsx", data });
    }
}

registry.category("actions").add("cartera_aging", CarteraAging);

/** The buckets of a snapshot beside those of the one before, and how much rolled on. */
export class CarteraRollRates extends Component {
    static template = "cartera_cobranza.RollRates";
    static props = { ...standardFieldProps };

    get data() {
        return this.props.record.data[this.props.name] || null;
    }

    money(amount) {
        return amount === null ? "" : formatMonetary(amount, { currencyId: this.data.currency_id });
    }

    day(text) {
        return formatDate(deserializeDate(text));
    }

    percent(rate) {
        return rate === null ? "" : _t("%s%%", formatFloat(rate, { digits: [16, 1] }));
    }
}

registry.category("fields").add("cartera_roll_rates", {
    component: CarteraRollRates,
    displayName: _t("Roll rates"),
    supportedTypes: ["json"],
});
