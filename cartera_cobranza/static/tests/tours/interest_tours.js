import { registry } from "@web/core/registry";

const RUN = ".o_statusbar_status .o_arrow_button_current";
const LINES = ".o_field_widget[name=line_ids]";

registry.category("web_tour.tours").add("cartera_interest_prepare", {
    steps: () => [
        {
            content: "A new run",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Up to the end of January",
            trigger: ".o_form_view .o_field_widget[name=date_to] button",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=date_to] input",
            run: "edit 01/31/2026",
        },
        {
            content: "Count it",
            trigger: ".o_form_statusbar button[name=action_simulate]:contains(Simulate)",
            run: "click",
        },
        {
            trigger: `${RUN}:contains(Simulated)`,
        },
        {
            content: "Both customers, 350.00 and 600.00",
            trigger: `${LINES} .o_data_cell[name=amount_company]:contains(600.00)`,
        },
        {
            content: "Look at the arithmetic of an item",
            trigger: `${LINES} .o_data_row:contains(Abarrotes) .o_data_cell[name=amount_company]:contains(350.00)`,
            run: "click",
        },
        {
            content: "The first 20 days at the whole balance",
            trigger: ".modal .o_field_widget[name=explanation]:contains(10,000.00 × 3 % a month × 20 / 30 = 200.0000)",
        },
        {
            content: "The other 25 at what was left",
            trigger: ".modal .o_field_widget[name=explanation]:contains(6,000.00 × 3 % a month × 25 / 30 = 150.0000)",
        },
        {
            trigger: ".modal .btn-close",
            run: "click",
        },
        {
            content: "The items in a list of their own",
            trigger: "body:not(:has(.modal)) button[name=action_open_lines]",
            run: "click",
        },
        {
            content: "One customer's",
            trigger: ".o_group_header:contains(Abarrotes)",
            run: "click",
        },
        {
            trigger: ".o_data_row .o_list_record_selector input",
            run: "click",
        },
        {
            content: "Waive a part",
            trigger: ".o_control_panel button:contains(Waive)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=in_part] input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 30",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit First time late",
        },
        {
            trigger: ".modal footer button[name=action_confirm]:not([disabled])",
            run: "click",
        },
        {
            content: "320.00 of it are left",
            trigger: "body:not(:has(.modal)) .o_data_row .o_data_cell[name=net_amount]:contains(320.00)",
        },
        {
            content: "Back to the run",
            trigger: ".breadcrumb-item:contains(Interest up to) a, .o_back_button a",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=to_bill]:contains(920.00)",
        },
        {
            content: "The manager decides",
            trigger: ".o_form_statusbar button[name=action_submit]",
            run: "click",
        },
        {
            trigger: ".o_notification:contains(Sent to tour_interest_manager)",
        },
        {
            trigger: ".o_form_statusbar:not(:has(button[name=action_submit]))",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_interest_decide", {
    steps: () => [
        {
            content: "The run that waits",
            trigger: ".o_data_row .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "What was waived, by whom and why",
            trigger: ".o_form_view .nav-link[name=waivers]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=waiver_ids] .o_data_row:contains(First time late)",
        },
        {
            content: "Approve it",
            trigger: ".o_form_statusbar button[name=action_approve]",
            run: "click",
        },
        {
            trigger: `${RUN}:contains(Approved)`,
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
            trigger: `body:not(:has(.modal)) ${RUN}:contains(Posted)`,
            timeout: 60000,
        },
        {
            content: "Print the annex",
            trigger: ".o_form_statusbar button[name=action_annex]",
            run: "click",
        },
        {
            content: "It was made without a complaint",
            trigger: "body:not(:has(.o_blockUI)):not(:has(.modal)):not(:has(.o_notification.border-danger))",
            timeout: 60000,
        },
        {
            content: "The notes",
            trigger: "button[name=action_open_notes]:contains(2)",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(320.00)",
        },
    ],
});
