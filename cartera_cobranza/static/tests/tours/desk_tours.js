import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("cartera_aging_of_a_day", {
    url: "/odoo/aging",
    steps: () => [
        {
            content: "The screen opens with what is owed today: 1,000 in all, late",
            trigger: ".o_cartera_aging_tile[name='total']:contains('1,000.00')",
        },
        {
            content: "And it is the ledger's balance",
            trigger: ".o_cartera_aging p[name='ledger'] .fa-check",
        },
        {
            content: "Look at 10 February instead",
            trigger: ".o_cartera_aging input[name='as_of']",
            run: "edit 2026-02-10 && press Tab",
        },
        {
            content: "On that day 600 more were open, and nothing was over 60 days late",
            trigger: ".o_cartera_aging_tile[name='total']:contains('1,600.00')",
        },
        {
            content: "Open what is 1 to 30 days late",
            trigger: ".o_cartera_aging_buckets tr[data-bucket='1 to 30'] button",
            run: "click",
        },
        {
            content: "Open the invoice",
            trigger: ".o_list_view .o_data_row:contains('Abarrotes') .o_data_cell[name='document']",
            run: "click",
        },
        {
            content: "This is the document",
            trigger: ".o_form_view .o_field_widget[name='partner_id']:contains('Abarrotes')",
        },
    ],
});
