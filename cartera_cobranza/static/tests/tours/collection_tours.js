import { registry } from "@web/core/registry";

const { DateTime } = luxon;
const tours = registry.category("web_tour.tours");

function inDays(days) {
    return DateTime.now().plus({ days }).toFormat("MM/dd/yyyy");
}

function outcome(text) {
    return {
        content: `How it ended: ${text}`,
        trigger: `.modal .o_field_widget[name=outcome_id] .o_selection_badge:contains(${text})`,
        run: "click",
    };
}

tours.add("cartera_collector_day", {
    steps: () => [
        {
            content: "Overdue and priority are on the row",
            trigger: ".o_list_view .o_data_row:contains(Abarrotes) [name=overdue_amount]:contains(1,200.00)",
        },
        {
            content: "First click: the phone of the row",
            trigger: ".o_list_view .o_data_row:contains(Abarrotes) button:has(.fa-phone)",
            run: "click",
        },
        { ...outcome("Left a message"), content: "Second click: the outcome" },
        {
            content: "It brings the date of the next contact",
            trigger: ".modal .o_field_widget[name=next_date] .o_input:not(:empty), .modal .o_field_widget[name=next_date] input:value(/./)",
        },
        {
            content: "Third click: logged",
            trigger: ".modal footer button[name=action_log]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
        {
            content: "Nothing is to be done for this customer today: out of the list of now",
            trigger: ".o_searchview .o_facet_value:contains(To Do Now)",
        },
        {
            trigger: ".o_searchview_facet:has(.o_facet_value:contains(To Do Now)) .o_facet_remove",
            run: "click",
        },
        {
            content: "The customer calls back: open the case",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=partner_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "All of the customer on one page: what is owed by age",
            trigger: ".o_form_view .o_field_widget[name=summary_html]:contains(1,200.00)",
        },
        {
            trigger: ".o_notebook .nav-link:contains(Contacts)",
            run: "click",
        },
        {
            content: "The call of before",
            trigger: ".o_field_widget[name=history_ids] .o_data_row:contains(Left a message)",
        },
        {
            trigger: ".o_form_statusbar button:contains(Log a Contact)",
            run: "click",
        },
        outcome("Will pay on a day agreed"),
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Half this week, half the next one",
        },
        {
            content: "Logged, and on to the promise",
            trigger: ".modal footer button[name=action_log_and_follow]:contains(Promise)",
            run: "click",
        },
        {
            content: "Both invoices are proposed",
            trigger: ".o_form_view .o_field_widget[name=line_ids] .o_data_row:eq(1)",
        },
        {
            content: "The first half",
            trigger: ".o_field_widget[name=instalment_ids] .o_data_row:eq(0) .o_data_cell[name=amount]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=instalment_ids] .o_selected_row [name=amount] input",
            run: "edit 600",
        },
        {
            content: "The second one",
            trigger: ".o_field_widget[name=instalment_ids] .o_field_x2many_list_row_add button, .o_field_widget[name=instalment_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=instalment_ids] .o_data_row:eq(1).o_selected_row [name=date] .o_input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=instalment_ids] .o_selected_row [name=date] input",
            run: `edit ${inDays(14)}`,
        },
        {
            trigger: ".o_field_widget[name=instalment_ids] .o_selected_row [name=amount] input",
            run: "edit 600",
        },
        {
            trigger: ".o_form_statusbar button[name=action_open]:contains(Record Promise)",
            run: "click",
        },
        {
            content: "Open: collection pauses",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Open)",
        },
        {
            content: "Back to the case",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains(Abarrotes)",
            run: "click",
        },
        {
            content: "Everything open is promised",
            trigger: ".o_form_view .o_statusbar_status .o_arrow_button_current:contains(Promised)",
        },
    ],
});

tours.add("cartera_collector_dispute", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row .o_data_cell[name=partner_id]:contains(Abarrotes)",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button:contains(Log a Contact)",
            run: "click",
        },
        outcome("Does not agree"),
        {
            trigger: ".modal footer button[name=action_log_and_follow]:contains(Dispute)",
            run: "click",
        },
        {
            content: "The invoice",
            trigger: ".o_form_view .o_field_widget[name=move_id] input",
            run: "edit INV",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(INV)",
            run: "click",
        },
        {
            content: "All that is open of it, until we say less",
            trigger: ".o_field_widget[name=disputed_amount] input:value(600.00)",
        },
        {
            trigger: ".o_field_widget[name=disputed_amount] input",
            run: "edit 150",
        },
        {
            trigger: ".o_field_widget[name=type_id] input",
            run: "edit Damaged",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option) a:contains(Damaged)",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=description] textarea",
            run: "edit Two pallets came wet",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "It has a number, an area and a day by which it is answered",
            trigger: ".o_form_view .o_field_widget[name=name]:contains(/[0-9]/)",
        },
        {
            trigger: ".o_field_widget[name=area_id] input:value(Quality)",
        },
    ],
});

tours.add("cartera_operations_day", {
    steps: () => [
        {
            content: "What waits for my area",
            trigger: ".o_kanban_view .o_kanban_record:contains(Abarrotes):contains(150.00)",
            run: "click",
        },
        {
            content: "Number and total of the invoice, without accounting rights",
            trigger: ".o_form_view .o_field_widget[name=invoice_name]:contains(INV)",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=invoice_amount]:contains(600.00)",
        },
        {
            trigger: ".o_form_statusbar button[name=action_analyse]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(In analysis)",
        },
        {
            content: "What was found out",
            trigger: ".o_field_widget[name=findings] textarea",
            run: "edit One of the two pallets was wet",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_statusbar button:contains(Customer Is Right)",
            run: "click",
        },
        {
            content: "With half of it",
            trigger: ".modal .o_field_widget[name=amount] input",
            run: "edit 75",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit We credit one pallet",
        },
        {
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Accepted)",
        },
        {
            trigger: ".o_field_widget[name=accepted_amount]:contains(75.00)",
        },
    ],
});

tours.add("cartera_manager_simulation", {
    steps: () => [
        {
            content: "The strategies",
            trigger: ".o_list_view .o_data_row .o_data_cell[name=name]:contains(Tour plan)",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=step_ids] .o_data_row:contains(Friendly call)",
        },
        {
            trigger: ".o_form_statusbar button[name=action_open_simulation]",
            run: "click",
        },
        {
            trigger: ".o_form_view button[name=action_simulate]",
            run: "click",
        },
        {
            content: "The customer, the step and the amount; nothing was written",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Abarrotes):contains(Friendly call):contains(1,200.00)",
        },
    ],
});

tours.add("cartera_portal_promise_and_dispute", {
    steps: () => [
        {
            content: "The way to it, beside the invoice",
            trigger: "a[href='#cartera']:contains(Promises and Disputes)",
            run: "click",
        },
        {
            content: "I will pay on…",
            trigger: "#cartera summary:contains(I will pay)",
            run: "click",
        },
        {
            trigger: "form[name=cartera_promise] input[name=date]",
            run() {
                this.anchor.value = DateTime.now().plus({ days: 7 }).toISODate();
            },
        },
        {
            trigger: "form[name=cartera_promise] input[name=amount]",
            run: "edit 200",
        },
        {
            trigger: "form[name=cartera_promise] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Noted, to be confirmed",
            trigger: "#cartera .alert-success:contains(noted your promise)",
        },
        {
            trigger: "#cartera table:contains(To be confirmed)",
        },
        {
            content: "Something is not right",
            trigger: "#cartera summary:contains(Something is not right)",
            run: "click",
        },
        {
            trigger: "form[name=cartera_dispute] select[name=type_id]",
            run: "selectByLabel Damaged goods or quality",
        },
        {
            trigger: "form[name=cartera_dispute] input[name=amount]",
            run: "edit 120",
        },
        {
            trigger: "form[name=cartera_dispute] textarea[name=description]",
            run: "edit Two boxes came broken",
        },
        {
            content: "A photo",
            trigger: "form[name=cartera_dispute] input[name=evidence]",
            run() {
                const photo = new File([new Uint8Array([137, 80, 78, 71])], "boxes.png", {
                    type: "image/png",
                });
                const transfer = new DataTransfer();
                transfer.items.add(photo);
                this.anchor.files = transfer.files;
            },
        },
        {
            trigger: "form[name=cartera_dispute] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#cartera .alert-success:contains(answer by)",
        },
        {
            trigger: "#cartera table:contains(120.00)",
        },
    ],
});
