import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

const AMBER_FROM = 80;

/**
 * A customer's credit position: what may be owed, what is owed and why, what is left.
 *
 * Every part of the exposure leads to its documents on the credit account; a frozen position (that of a hold) is only
 * shown. No amount is computed here but the widths of the bar.
 */
export class CarteraPositionField extends Component {
    static template = "cartera_cobranza.PositionField";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get position() {
        return this.props.record.data[this.props.name] || null;
    }

    get isClickable() {
        return this.props.record.resModel === "cartera.customer" && Boolean(this.props.record.resId);
    }

    get sourceLabel() {
        const labels = {
            line: _t("Credit line"),
            temporary: _t("Temporary limit"),
            group: _t("Group limit"),
            default: _t("Company default"),
            none: _t("No line"),
            suspended: _t("Suspended"),
            expired: _t("Expired line"),
        };
        return labels[this.position.limit_source] || this.position.limit_source;
    }

    get percentUsed() {
        const { limit, exposure } = this.position;
        if (limit === null) {
            return null;
        }
        if (!limit) {
            return exposure > 0 ? 100 : 0;
        }
        return (exposure / limit) * 100;
    }

    get percentLabel() {
        const { limit, exposure } = this.position;
        if (!limit && exposure > 0) {
            return _t("Owes without a limit to owe");
        }
        return _t("%s%% used", Math.round(this.percentUsed));
    }

    /** Green, amber or red: by what is left, which knows the group, before what is used. */
    get tone() {
        const { limit, exposure, available } = this.position;
        if (available !== null && available < 0) {
            return "danger";
        }
        if (limit !== null && !limit && exposure > 0) {
            return "danger";
        }
        return this.percentUsed !== null && this.percentUsed >= AMBER_FROM ? "warning" : "success";
    }

    get bar() {
        const limit = this.position.limit || 0;
        const used = Math.max(this.position.exposure, 0);
        const held = Math.max(this.position.held || 0, 0);
        const whole = Math.max(limit, used + held);
        const share = (amount) => (whole ? (amount / whole) * 100 : 0);
        return { used: share(used), held: share(held), limit: share(limit), isOver: whole > limit };
    }

    get overdueLabel() {
        return _t("%s days", this.position.overdue_days);
    }

    money(amount) {
        return amount === null || amount === undefined
            ? _t("Unlimited")
            : formatMonetary(amount, { currencyId: this.position.currency_id });
    }

    async open(source) {
        const action = await this.orm.call(this.props.record.resModel, "action_open_source", [
            [this.props.record.resId],
            source,
        ]);
        await this.action.doAction(action);
    }
}

registry.category("fields").add("cartera_position", {
    component: CarteraPositionField,
    displayName: _t("Credit position"),
    supportedTypes: ["json"],
});
