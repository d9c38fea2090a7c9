import { registry } from "@web/core/registry";

const chooseReason = (text, modal = ".modal ") => [
    {
        content: `Choose the reason ${text}`,
        trigger: `${modal}.o_field_widget[name=note_reason_id] input`,
        run: `edit ${text}`,
    },
    {
        trigger: `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(${text})`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("cartera_credit_note_with_reason", {
    steps: () => [
        {
            content: "Reverse the invoice",
            trigger: "button[name=action_reverse]",
            run: "click",
        },
        {
            content: "The reason is obligatory: without it nothing is made",
            trigger: ".modal footer button[name=refund_moves]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget.o_field_invalid[name=note_reason_id]",
        },
        ...chooseReason("Billing error"),
        {
            content: "Reverse",
            trigger: ".modal footer button[name=refund_moves]",
            run: "click",
        },
        {
            content: "The draft has the reason",
            trigger:
                "body:not(:has(.modal)) .o_field_widget[name=note_reason_id] input:value(Billing error), .o_field_widget[name=note_reason_id]:contains(Billing error)",
        },
        {
            content: "Confirm it",
            trigger: ".o_form_statusbar button[name=action_post]:not(.d-none):visible",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Posted)",
        },
    ],
});

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
        },
        {
            content: "Open it",
            trigger: "button[name=action_open_note]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=note_reason_id]:contains(Billing error)",
        },
    ],
});
