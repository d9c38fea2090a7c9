import { _t } from "@web/core/l10n/translation";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { user } from "@web/core/user";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, onWillStart, useState } from "@odoo/owl";

const WIDTH = 120;
const HEIGHT = 28;

/**
 * The finance director's one screen: receivable, overdue, by age, trend, top ten, holds and overrides, forecast.
 *
 * Every figure has its formula in its title and leads to what it is made of. Only widths and positions are computed here.
 */
export class CarteraDirector extends Component {
    static template = "cartera_cobranza.Director";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ data: null, company: this.props.state?.company || false });
        useSetupAction({ getLocalState: () => ({ company: this.state.company }) });
        this.env.config.setDisplayName(_t("Receivables Today"));
        onWillStart(() => this.load());
    }

    get data() {
        return this.state.data;
    }

    get aging() {
        return this.data.aging;
    }

    async load() {
        this.state.data = await this.orm.call("cartera.director", "action_show", [], {
            options: { company_id: this.state.company },
            context: user.context,
        });
        this.state.company = this.aging.company_id;
    }

    chooseCompany(event) {
        this.state.company = Number(event.target.value);
        return this.load();
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.aging.currency_id });
    }

    /** Amounts on axes and in rows: thousands and millions are enough. */
    short(amount) {
        return new Intl.NumberFormat(user.lang, {
            notation: "compact",
            maximumFractionDigits: 1,
        }).format(amount || 0);
    }

    day(text) {
        return formatDate(deserializeDate(text));
    }

    month(text) {
        return deserializeDate(text).toLocaleString({ month: "short", year: "2-digit" });
    }

    weekName(text) {
        return deserializeDate(text).toLocaleString({ day: "numeric", month: "short" });
    }

    percent(share) {
        return share === null || share === undefined
            ? ""
            : _t("%s%%", formatFloat(share, { digits: [16, 1] }));
    }

    change(now, before) {
        const amount = now - before;
        return `${amount > 0 ? "+" : ""}${this.money(amount)}`;
    }

    changeTone(now, before) {
        if (Math.abs(now - before) < 0.005) {
            return "text-muted";
        }
        return now > before ? "text-danger" : "text-success";
    }

    toneOf(tile) {
        return { good: "text-success", bad: "text-danger", none: "text-muted" }[tile.tone];
    }

    width(amount, amounts) {
        const most = Math.max(...amounts, 0);
        return most > 0 ? (Math.max(amount, 0) / most) * 100 : 0;
    }

    bucketWidth(bucket) {
        return this.width(
            bucket.amount,
            this.aging.buckets.map((one) => one.amount)
        );
    }

    bucketTone(bucket) {
        if (!bucket.late) {
            return "success";
        }
        const late = this.aging.buckets.filter((one) => one.late);
        return late.indexOf(bucket) >= late.length / 2 ? "danger" : "warning";
    }

    debtorWidth(debtor) {
        return this.width(
            debtor.total,
            this.aging.debtors.map((one) => one.total)
        );
    }

    lateShare(debtor) {
        return debtor.total > 0 ? Math.min((debtor.overdue / debtor.total) * 100, 100) : 0;
    }

    weekWidth(amount) {
        return this.width(
            amount,
            this.data.forecast.weeks.map((one) => one.expected)
        );
    }

    trendHeight(amount, names) {
        const amounts = this.data.trend.flatMap((row) => names.map((name) => row[name] || 0));
        return this.width(amount || 0, amounts);
    }

    /** Points of a small line through the history of a figure; months without one are left out. */
    points(history) {
        const known = history.filter((value) => value !== null);
        if (known.length < 2) {
            return "";
        }
        const low = Math.min(...known);
        const range = Math.max(...known) - low || 1;
        return history
            .map((value, place) => [place, value])
            .filter(([, value]) => value !== null)
            .map(([place, value]) => {
                const x = (place / (history.length - 1)) * (WIDTH - 4) + 2;
                const y = HEIGHT - 3 - ((value - low) / range) * (HEIGHT - 6);
                return `${x.toFixed(1)},${y.toFixed(1)}`;
            })
            .join(" ");
    }

    // What is behind the figures

    openItems(name, domain) {
        const { as_of, profile_id, basis, company_id } = this.aging;
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
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
        return this.openItems(_t("Receivable"), []);
    }

    openOverdue() {
        return this.openItems(_t("Overdue"), [
            ["side", "=", "debt"],
            ["days_overdue", ">", 0],
        ]);
    }

    openBucket(bucket) {
        return this.openItems(bucket.name, [
            ["bucket_id", "=", bucket.id],
            ["side", "=", "debt"],
        ]);
    }

    openDebtor(debtor) {
        return this.openItems(debtor.name, [["partner_id", "=", debtor.partner_id]]);
    }

    openAging() {
        return this.action.doAction("cartera_cobranza.cartera_aging_action");
    }

    openKpi(name, indicatorId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "cartera.kpi",
            views: [
                [false, "graph"],
                [false, "list"],
                [false, "pivot"],
            ],
            domain: [
                ["company_id", "=", this.aging.company_id],
                ["indicator_id", "=", indicatorId],
                ["dimension", "=", "company"],
                ["applies", "=", true],
            ],
        });
    }

    openKpis() {
        return this.action.doAction("cartera_cobranza.cartera_kpi_action");
    }

    openHolds() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Held documents"),
            res_model: "cartera.credit.hold",
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: [
                ["company_id", "=", this.aging.company_id],
                ["state", "in", ["held", "ready"]],
            ],
        });
    }

    openForecast(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "cartera.forecast",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openWeek(week) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name: _t("Expected in the week of %s", this.day(week.week)),
            res_model: "cartera.forecast.line",
            views: [
                [false, "list"],
                [false, "pivot"],
            ],
            domain: [
                ["forecast_id", "=", this.data.forecast.id],
                ["week", "=", week.week],
                ["expected_company", "!=", 0],
            ],
        });
    }
}

registry.category("actions").add("cartera_director", CarteraDirector);
