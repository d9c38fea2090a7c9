import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const QUEUE_ROW = ".o_data_row:contains(Abarrotes)";

registry.category("web_tour.tours").add("cartera_release_held_invoice", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app of credit and collections",
            trigger: ".o_app[data-menu-xmlid='cartera_cobranza.cartera_menu']",
            run: "click",
        },
        {
            content: "The queue shows what is open, and why it is held",
            trigger: `.o_list_view ${QUEUE_ROW} .o_data_cell[name=reason_text]:contains(over the line)`,
        },
        {
            content: "Open the held invoice",
            trigger: `${QUEUE_ROW} .o_data_cell[name=name]`,
            run: "click",
        },
        {
            content: "Look at the position of that moment",
            trigger: ".o_notebook a[name=position]",
            run: "click",
        },
        {
            trigger: ".o_cartera_position [name=limit]:contains(1,000.00)",
        },
        {
            content: "Release it",
            trigger: ".o_form_statusbar button:contains(Release)",
            run: "click",
        },
        {
            content: "Choose a reason",
            trigger: ".modal .o_field_widget[name=reason_id] input",
            run: "edit Proof of payment",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(Proof of payment)",
            run: "click",
        },
        {
            content: "Say what was agreed",
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Transfer of this morning",
        },
        {
            content: "Confirm the release",
            trigger: ".modal footer button[name=action_release]",
            run: "click",
        },
        {
            content: "The hold is released",
            trigger: "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(Released)",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_give_a_line", {
    url: "/odoo/credit-customers",
    steps: () => [
        {
            content: "Open the customer",
            trigger: ".o_data_row .o_data_cell[name=partner_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "There is no line yet",
            trigger: ".o_cartera_position [name=limit]:contains(No line)",
        },
        {
            content: "Decide on the line that a colleague proposes",
            trigger: ".o_field_widget[name=line_ids] .o_data_row button[name=action_activate]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row .badge:contains(Active)",
        },
        {
            content: "The limit counts at once",
            trigger: ".o_cartera_position [name=limit]:contains(5,000.00)",
        },
        {
            content: "See the documents behind the exposure",
            trigger: ".o_cartera_position button[data-source=receivable]",
            run: "click",
        },
        {
            content: "They are listed with what is open of each",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=amount_residual]:contains(600.00)",
        },
    ],
});
