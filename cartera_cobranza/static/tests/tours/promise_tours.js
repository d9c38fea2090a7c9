import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("cartera_promise_from_invoice", {
    steps: () => [
        {
            content: "The customer calls about an invoice: write the promise down",
            trigger: "button[name=action_cartera_promise]",
            run: "click",
        },
        {
            content: "What is owed is filled in",
            trigger: ".o_field_widget[name=line_ids] .o_data_row .o_data_cell[name=amount]:contains(600.00)",
        },
        {
            content: "They pay a part",
            trigger: ".o_field_widget[name=line_ids] .o_data_row .o_data_cell[name=amount]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=line_ids] .o_data_row .o_field_widget[name=amount] input",
            run: "edit 400",
        },
        {
            content: "On that day",
            trigger: ".o_field_widget[name=instalment_ids] .o_data_row .o_data_cell[name=amount]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=instalment_ids] .o_data_row .o_field_widget[name=amount] input",
            run: "edit 400",
        },
        {
            content: "Record it",
            trigger: ".o_form_statusbar button[name=action_open]:contains(Record Promise)",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Open)",
        },
        {
            content: "Back on the invoice",
            trigger: ".o_back_button, .breadcrumb-item:last a",
            run: "click",
        },
        {
            content: "The invoice tells of the promise",
            trigger: ".alert:contains(400.00)",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_operations_answers_dispute", {
    steps: () => [
        {
            content: "The dispute that waits for the warehouse",
            trigger: ".o_kanban_record:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "Its invoice is a number and a total, no accounting",
            trigger: ".o_field_widget[name=invoice_name]:contains(INV)",
        },
        {
            content: "Begin",
            trigger: ".o_form_statusbar button[name=action_analyse]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(analysis)",
        },
        {
            content: "What was found",
            trigger: ".o_field_widget[name=findings] textarea",
            run: "edit Two boxes were missing",
        },
        {
            content: "The customer is right",
            trigger: ".o_form_statusbar button:contains(Customer Is Right)",
            run: "click",
        },
        {
            content: "With half of it",
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 100",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit You get a credit note",
        },
        {
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_statusbar_status .o_arrow_button_current:contains(Accepted)",
        },
    ],
});
