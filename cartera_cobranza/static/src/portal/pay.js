import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** The total of what is chosen; what is paid is computed by the server. */
export class CarteraPay extends Interaction {
    static selector = "form.o_cartera_pay";
    dynamicContent = {
        "input[name='item']": { "t-on-change": this.show },
        "input[name='all']": { "t-on-change": this.chooseAll },
        "button[type='submit']": { "t-att-disabled": () => !this.chosen().length },
    };

    start() {
        this.el.querySelector("input[name='all']").disabled = false;
        this.show();
    }

    items() {
        return [...this.el.querySelectorAll("input[name='item']")];
    }

    chosen() {
        return this.items().filter((item) => item.checked);
    }

    chooseAll(event) {
        for (const item of this.items()) {
            item.checked = event.currentTarget.checked;
        }
        this.show();
    }

    show() {
        const chosen = this.chosen();
        const decimals = Number(this.el.dataset.decimals);
        const total = chosen.reduce((sum, item) => sum + Number(item.dataset.amount), 0);
        const lang = document.documentElement.lang || "en";
        this.el.querySelector(".o_cartera_pay_total").textContent = new Intl.NumberFormat(lang, {
            minimumFractionDigits: decimals,
            maximumFractionDigits: decimals,
            useGrouping: "always",
        }).format(total);
        const all = this.el.querySelector("input[name='all']");
        all.checked = chosen.length === this.items().length;
        all.indeterminate = !all.checked && chosen.length > 0;
    }
}

registry.category("public.interactions").add("cartera_cobranza.pay", CarteraPay);
