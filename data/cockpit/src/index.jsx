// SPDX-FileCopyrightText: 2026 truenas-ssh contributors
// SPDX-License-Identifier: LGPL-2.1-or-later

import "@patternfly/react-core/dist/styles/base.css";
import React from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.jsx";
import { followTheme } from "./theme.js";
import "./page.css";

followTheme();
createRoot(document.getElementById("app")).render(<App />);
