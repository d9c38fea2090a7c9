import { registry } from "@web/core/registry";

/** The customer chooses what to pay, sees the total, and comes to Odoo's payment form. */
registry.category("web_tour.tours").add("cartera_pay_several", {
    url: "/my/statement",
    steps: () => [
        { trigger: "a[name=pay]", run: "click", expectUnloadPage: true },
        // the form of the dollars: 1,000, 250.50 and 70, all of them overdue
        { trigger: "form.o_cartera_pay:has(.card-header:contains(USD)) .o_cartera_pay_total:contains(320)" },
        {
            trigger: "form.o_cartera_pay:has(.card-header:contains(USD)) tr:has(input[data-amount='70.0']) input",
            run: "click",
        },
        { trigger: "form.o_cartera_pay:has(.card-header:contains(USD)) .o_cartera_pay_total:contains(250)" },
        {
            trigger: "form.o_cartera_pay:has(.card-header:contains(USD)) button[type=submit]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "#cartera_pay_online h3[name=total]:contains(250)" },
        { trigger: "#o_payment_form" },
    ],
});
