import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * A line has a gap where there is no figure: 0 % and "nothing was due" are not the same.
 */
export class CarteraGraphModel extends GraphModel {
    _getData(dataPoints, forceUseAllDataPoints) {
        const data = super._getData(dataPoints, forceUseAllDataPoints);
        for (const dataset of data.datasets) {
            dataset.data = dataset.data.map((value, index) => {
                const missing = !dataset.domains[index].length || typeof value !== "number";
                return missing ? null : value;
            });
        }
        return data;
    }
}

registry.category("views").add("cartera_graph", { ...graphView, Model: CarteraGraphModel });
