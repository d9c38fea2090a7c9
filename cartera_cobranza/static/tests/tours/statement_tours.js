import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("cartera_statement_run", {
    steps: () => [
        {
            content: "A new run",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Only who is late",
            trigger: ".o_field_widget[name=only_overdue] input",
            run: "click",
        },
        {
            content: "Prepare",
            trigger: ".o_form_statusbar button[name=action_prepare]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Prepared)",
        },
        {
            content: "Look at the customer and the amount",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains(Abarrotes):contains(1,000.00)",
        },
        {
            content: "Send",
            trigger: ".o_form_statusbar button[name=action_send]",
            run: "click",
        },
        {
            content: "Yes, send them",
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sending)",
        },
    ],
});

registry.category("web_tour.tours").add("cartera_statement_portal", {
    steps: () => [
        {
            content: "The card on the home page",
            trigger: "a[href='/my/statement']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The balance and the overdue invoice",
            trigger: "#cartera_statement h4[name=balance]:contains(000)",
        },
        {
            trigger:
                "#cartera_statement .o_cartera_statement_items a[href*='/my/invoices/']",
        },
        {
            content: "The movements",
            trigger: "#cartera_form",
            run: "select movements",
        },
        {
            trigger: "#cartera_statement form button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger:
                "#cartera_statement .o_cartera_statement_movements td:first",
        },
        {
            trigger: "#cartera_statement a[name=xlsx][href*='file=xlsx']",
        },
    ],
});
