import { registry } from "@web/core/registry";

// The page is opened on the shipment of an order that grew beyond its customer's line.
registry.category("web_tour.tours").add("cartera_stock_shipment_held", {
    steps: () => [
        {
            content: "The banner says that it must not ship, and why",
            trigger: ".alert-danger:contains(Must not ship) [name=credit_hold_text]:contains(over the line)",
        },
        {
            content: "Try it all the same",
            trigger: "button[name=button_validate]:visible",
            run: "click",
        },
        {
            content: "It is refused, and says whom to ask",
            trigger: ".modal:contains(Ask credit to release it)",
        },
        {
            trigger: ".modal footer button:visible",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});
