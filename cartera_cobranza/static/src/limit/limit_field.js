import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";

/** An amount of credit: says "Unlimited" where a plain amount would be zero. */
export class CarteraLimitField extends MonetaryField {
    static props = { ...MonetaryField.props, unlimitedField: { type: String, optional: true } };

    get formattedValue() {
        return this.props.record.data[this.props.unlimitedField || "unlimited"]
            ? _t("Unlimited")
            : super.formattedValue;
    }
}

registry.category("fields").add("cartera_limit", {
    ...monetaryField,
    component: CarteraLimitField,
    displayName: _t("Credit limit"),
    extractProps: (info, dynamicInfo) => ({
        ...monetaryField.extractProps(info, dynamicInfo),
        unlimitedField: info.options.unlimited_field,
    }),
});
