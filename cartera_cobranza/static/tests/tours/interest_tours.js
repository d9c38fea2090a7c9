import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("cartera_interest_prepare", {
    url: "/odoo/interest-runs",
    steps: () => [
        {
            content: "A new run",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Up to the end of January",
            trigger: ".o_field_widget[name=date_to] input, .o_field_widget[name=date_to] button",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date_to] input",
            run: "edit 01/31/2026 && press Enter",
        },
        {
            content: "Count it",
            trigger: ".o_form_statusbar button[name=action_simulate]:contains(Simulate)",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Simulated)",
        },
        {
            content: "Look at the arithmetic of the item",
            trigger: ".o_field_widget[name=line_ids] .o_data_row .o_data_cell[name=amount_company]:contains(350.00)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=segment_ids] .o_data_cell[name=formula]:contains(20 / 30)",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_interest_decide", {
    url: "/odoo/interest-runs",
    steps: () => [
        {
            content: "Open the run that waits",
            trigger: ".o_data_row .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "Its items",
            trigger: "button[name=action_open_lines]",
            run: "click",
        },
        {
            content: "Grouped by customer",
            trigger: ".o_group_header:contains(Abarrotes)",
            run: "click",
        },
        {
            trigger: ".o_data_row .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Waive a part",
            trigger: ".o_control_panel_actions button:contains(Waive), .o_list_buttons button:contains(Waive)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=in_part] input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 50",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit First time late",
        },
        {
            trigger: ".modal footer button[name=action_confirm]:contains(Waive)",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_list_view",
        },
        {
            content: "Back to the run",
            trigger: ".o_back_button, .breadcrumb-item:contains(Interest up to) a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=to_bill]:contains(300.00)",
        },
        {
            content: "Approve it",
            trigger: ".o_form_statusbar button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_interest_post", {
    url: "/odoo/interest-runs",
    steps: () => [
        {
            trigger: ".o_data_row .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "Post the notes",
            trigger: ".o_form_statusbar button[name=action_post]",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(Posted)",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row .o_data_cell[name=net_company]:contains(300.00)",
        },
    ],
});
