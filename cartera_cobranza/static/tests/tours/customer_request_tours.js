import { registry } from "@web/core/registry";

const edit = (field, text) => ({
    content: `Fill in ${field}`,
    trigger: `.o_field_widget[name=${field}] input`,
    run: `edit ${text}`,
});

// The page is opened on an empty request; the country and the terms are there already.
registry.category("web_tour.tours").add("cartera_customer_request_propose", {
    steps: () => [
        edit("vat", "GODE561231"),
        {
            content: "Name",
            trigger: ".o_field_widget[name=customer_name] input, .o_field_widget[name=customer_name] textarea",
            run: "edit Abarrotes del Sur",
        },
        edit("street", "Calle 8"),
        edit("city", "Puebla"),
        edit("zip", "72000"),
        edit("email", "pagos@sur.example.com"),
        {
            content: "The checks say what is wrong while it is written",
            trigger: ".alert-danger [name=problem_html]:contains(GODE561231)",
        },
        edit("vat", "GODE561231GR8"),
        {
            content: "Out of the field",
            trigger: ".o_field_widget[name=zip] input",
            run: "click",
        },
        {
            trigger: ".alert-success:contains(nothing stands against it)",
        },
        {
            content: "Hand it in",
            trigger: ".o_form_statusbar button[name=action_submit]:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Submitted)",
        },
        {
            content: "Who proposes does not decide",
            trigger: "body:not(:has(button[name=action_approve]))",
        },
    ],
});

// The page is opened on the request that was handed in.
registry.category("web_tour.tours").add("cartera_customer_request_approve", {
    steps: () => [
        {
            content: "Each value with what was there before",
            trigger: ".o_field_widget[name=line_ids] tr:contains(Abarrotes del Sur)",
        },
        {
            trigger: ".o_form_statusbar button[name=action_review]:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Validated)",
        },
        {
            trigger: ".o_form_statusbar button[name=action_approve]:visible",
            run: "click",
        },
        {
            trigger: ".modal footer .btn-primary:visible",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Approved)",
        },
        {
            trigger: "button[name=action_open_partner]:visible",
        },
    ],
});
