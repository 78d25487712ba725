// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

// The page: which of its states it is in, and what belongs to all of them.
import React, { useEffect, useRef, useState } from "react";
import { Alert } from "@patternfly/react-core/dist/esm/components/Alert/index.js";
import { Button } from "@patternfly/react-core/dist/esm/components/Button/index.js";
import { Page, PageSection } from "@patternfly/react-core/dist/esm/components/Page/index.js";
import { Stack, StackItem } from "@patternfly/react-core/dist/esm/layouts/Stack/index.js";
import { Blank } from "./blank.jsx";
import { EMPTY, changeOf, rebase } from "./draft.js";
import { Header } from "./header.jsx";
import { History } from "./history.jsx";
import { HostKeys } from "./host-keys.jsx";
import { Pending } from "./pending.jsx";
import { Review } from "./review.jsx";
import { Service } from "./service.js";
import { SettingsForm } from "./settings-form.jsx";
import { _ } from "./text.jsx";
import { Warnings } from "./warnings.jsx";

function useService() {
  const [state, setState] = useState({ status: "loading", properties: null, admin: false });
  const service = useRef(null);
  if (!service.current)
    service.current = new Service(setState);
  return [service.current, state];
}

export function App() {
  const [service, state] = useService();
  const { status, properties, admin } = state;
  const [draft, setDraft] = useState(EMPTY);
  const [review, setReview] = useState(null);
  const [errors, setErrors] = useState({});
  const [token, setToken] = useState("");
  const [mine, setMine] = useState(null);
  const [goTo, setGoTo] = useState(null);

  useEffect(() => {
    if (properties)
      setDraft(before => rebase(before, properties));
  }, [properties]);

  if (status !== "ready")
    return (
      <Page className="pf-m-no-sidebar" isContentFilled>
        <PageSection hasBodyWrapper={false} isFilled>
          <Blank status={status} error={state.error} retry={() => service.open()} />
        </PageSection>
      </Page>
    );

  const missing = properties.SshdVersion === "";
  const pending = properties.PendingDeadline !== 0;
  const reviewDraft = () =>
    setReview({ method: "Apply", change: changeOf(draft, properties), options: { reset: draft.resets } });
  const saved = done => {
    setReview(null);
    setErrors({});
    setToken(done.token || "");
    setMine(done.generation);
    if (review.method === "Apply")
      setDraft(EMPTY);
  };
  const refused = problem => {
    setReview(null);
    setErrors({ [problem.setting]: problem });
    setGoTo({ setting: problem.setting });
  };

  return (
    <Page className="pf-m-no-sidebar" isContentFilled>
      <PageSection hasBodyWrapper={false}>
        <Stack hasGutter className="ct-stack">
          <StackItem><h1 className="ct-title">{_("SSH server")}</h1></StackItem>
          {!admin && <StackItem>
            <Alert isInline component="p" variant="info" id="read-only" title={_("You can look, but not change anything")}>
              {_("For changes you need administrative access: use the button “Limited access” at the top of the window.")}
            </Alert>
          </StackItem>}
          {missing && <StackItem>
            <Alert isInline component="p" variant="danger" id="no-sshd" title={_("No SSH server is installed")}>
              {_("Install the package openssh-server.")}
            </Alert>
          </StackItem>}
          {pending && <StackItem>
            <Pending service={service} state={state} token={token} />
          </StackItem>}
          {!pending && <Ended change={properties.LastChange} mine={mine} />}
          <StackItem>
            <Alert isInline component="p" variant="warning" title={_("SSH opens this machine to the network")}>
              {_("Run it only if you need it, and let nobody in who does not have to be.")}
            </Alert>
          </StackItem>
          <Warnings service={service} properties={properties} admin={admin} review={setReview}
                    goTo={setting => setGoTo({ setting })} />
          {properties.Unit && <StackItem><Header service={service} properties={properties} admin={admin && !missing} /></StackItem>}
          <StackItem>
            <SettingsForm service={service} properties={properties} admin={admin && !missing}
                          locked={pending} draft={draft} setDraft={setDraft} errors={errors}
                          setErrors={setErrors} review={reviewDraft} goTo={goTo} />
          </StackItem>
          {!missing && <StackItem><HostKeys service={service} properties={properties} /></StackItem>}
          {admin && <StackItem>
            <History service={service} generation={`${properties.Generation} ${properties.PendingDeadline}`}
                     locked={pending || missing} review={setReview} />
          </StackItem>}
        </Stack>
        {review && <Review service={service} properties={properties} request={review} saved={saved}
                           refused={refused} close={() => setReview(null)} />}
      </PageSection>
    </Page>
  );
}

// How the last change ended: that it was undone, and why, also of one that this page lost sight of; that it is
// kept only of one that was saved from here.
function Ended({ change, mine }) {
  const [closed, setClosed] = useState(null);
  const undone = change.outcome === "rolled-back";
  const kept = ["applied", "confirmed"].includes(change.outcome) && change.generation === mine;
  if (closed === change.generation || !(undone || kept))
    return null;
  const title = undone ? _("The change was undone: the previous settings are back")
    : change.outcome === "confirmed" ? _("The change is kept") : _("Saved");
  return (
    <StackItem>
      <Alert isInline component="p" id="ended" variant={undone ? "warning" : "success"} title={title}
             actionClose={<Button variant="plain" aria-label={_("Close")} onClick={() => setClosed(change.generation)}>×</Button>}>
        {undone && change.reason}
      </Alert>
    </StackItem>
  );
}
