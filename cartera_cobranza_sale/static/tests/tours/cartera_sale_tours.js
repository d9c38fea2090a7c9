import { registry } from "@web/core/registry";

// The page is opened on a quotation that does not fit into its customer's line.
registry.category("web_tour.tours").add("cartera_sale_order_held", {
    steps: () => [
        {
            content: "The banner says what is left before anybody confirms",
            trigger: ".alert-danger [name=credit_banner]:contains(Will be held by credit)",
        },
        {
            trigger: ".alert-danger [name=credit_banner]:contains(1,000.00)",
        },
        {
            content: "Confirm",
            trigger: ".o_form_statusbar button[name=action_confirm]:visible",
            run: "click",
        },
        {
            content: "The order waits for credit, and says why",
            trigger: ".alert-danger:contains(Pending credit approval) [name=credit_hold_text]:contains(over the line)",
        },
        {
            content: "It is still a quotation",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Quotation)",
        },
    ],
});
