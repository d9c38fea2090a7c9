import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("cartera_approve_note_request", {
    steps: () => [
        {
            content: "What waits for me",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=customer_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "Total and what is open on the invoice",
            trigger: ".o_form_view .o_field_widget[name=amount_total]:contains(116.00)",
        },
        {
            content: "Approve",
            trigger: ".o_form_statusbar button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
        },
        {
            content: "Issue the note",
            trigger: ".o_form_statusbar button[name=action_issue]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Issued)",
            timeout: 60000,
        },
        {
            content: "Open it",
            trigger: "button[name=action_open_note]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=note_reason_id]:contains(Billing error)",
            timeout: 30000,
        },
    ],
});
