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

// The page is opened on the hold of a shipment that the job has found.
registry.category("web_tour.tours").add("cartera_stock_shipment_release", {
    steps: () => [
        {
            trigger: ".o_form_view:contains(60 days)",
        },
        {
            content: "Release it",
            trigger: ".o_form_statusbar button:contains(Release):visible",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason_id] input",
            run: "click",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(Proof of payment)",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Transfer seen",
        },
        {
            trigger: ".modal footer .btn-primary:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Released)",
        },
    ],
});

// The page is opened on the shipment, which credit has released.
registry.category("web_tour.tours").add("cartera_stock_shipment_ships", {
    steps: () => [
        {
            trigger: "body:not(:has(.alert-danger:contains(Must not ship)))",
        },
        {
            trigger: "button[name=button_validate]:visible",
            run: "click",
        },
        {
            content: "The goods have left",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Done)",
        },
    ],
});
