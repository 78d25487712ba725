// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The page while there is nothing to show on it.
import React from "react";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import { EmptyState, EmptyStateActions, EmptyStateBody, EmptyStateFooter } from "@patternfly/react-core/dist/esm/components/EmptyState/index.js";
import { Spinner } from "@patternfly/react-core/dist/esm/components/Spinner/index.js";
import { problem } from "./problem.js";
import { _ } from "./text.jsx";

export function Blank({ status, error, retry }) {
  if (status === "loading")
    return <EmptyState headingLevel="h1" titleText={_("Loading")} icon={Spinner} />;
  const missing = status === "missing";
  return (
    <EmptyState headingLevel="h1" id={`state-${status}`}
                titleText={missing ? _("The service truenas-ssh is not installed") : _("The service truenas-ssh does not answer")}>
      <EmptyStateBody>
        {missing ? _("Install it, or start it, and try again.") : problem(error).text}
      </EmptyStateBody>
      <EmptyStateFooter>
        <EmptyStateActions><Button onClick={retry}>{_("Try again")}</Button></EmptyStateActions>
      </EmptyStateFooter>
    </EmptyState>
  );
}
