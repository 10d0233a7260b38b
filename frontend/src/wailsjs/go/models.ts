export namespace desktop {
	
	export interface AgentState {
	    state: string;
	    version: string;
	    own: string;
	    fault: string;
	}

}

