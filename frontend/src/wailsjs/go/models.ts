export namespace desktop {
	
	export class AgentState {
	    state: string;
	    version: string;
	    own: string;
	    fault: string;
	
	    static createFrom(source: any = {}) {
	        return new AgentState(source);
	    }
	
	    constructor(source: any = {}) {
	        if ('string' === typeof source) source = JSON.parse(source);
	        this.state = source["state"];
	        this.version = source["version"];
	        this.own = source["own"];
	        this.fault = source["fault"];
	    }
	}

}

